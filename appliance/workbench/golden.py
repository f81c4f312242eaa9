"""Public inputs that every copy of a model must answer alike: a dozen documents invented for this purpose.

They are nobody's documents. A model's manifest carries them with the answers it
gave where it was made, and a box asks them again before it trusts the model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from appliance.classify.policy import Floats

DIGITS = 5

_TEXTS = """
DISTRIBUTOR AGREEMENT. This Distributor Agreement is made on 3 March 2011 between Alder Pumps, Inc., a Delaware
corporation (the Company), and Brook Supply Co. (the Distributor). 1. Appointment. The Company appoints the
Distributor as its exclusive distributor of the Products in the Territory, and the Distributor accepts. 2. Orders. The
Distributor shall place firm purchase orders ninety days before delivery and shall maintain an inventory sufficient to
meet the demand of its customers. 3. Minimum purchases. The Distributor shall purchase at least the quantities stated
in Exhibit B each year. 4. Prices are those of the Company's current price list, less the distributor discount. 5.
Term. This Agreement lasts three years and may be renewed by both parties in writing.

MAINTENANCE AGREEMENT between Larch Systems Ltd. (Licensor) and the City of Ferris (Customer). Larch will provide
maintenance and support for the Software and Equipment listed in Schedule A: telephone support from 8 a.m. to 6 p.m.,
correction of errors, and updates. The annual maintenance fee is payable in advance. Response times depend on the
severity of the error.

FRANCHISE AGREEMENT. Maple Bakery Franchising, Inc. grants to the Franchisee the right to operate one Maple Bakery at
the approved location, using the System and the Marks. The Franchisee shall pay an initial franchise fee of $25,000
and a royalty of five per cent of gross sales each week, and shall complete the training program before the opening.
The Franchisor may inspect the premises at any time during business hours.

JOINT VENTURE AGREEMENT. The parties, Cedar Mining Limited and Oriole Resources plc, agree to form a joint venture
company to explore and develop the Property. Each party shall hold fifty per cent of the shares and appoint two
directors to the board. Contributions shall be made in proportion to the participating interests.

Harper, Judge. Defendant appeals from a judgment of the district court convicting him of burglary. He argues that the
trial court erred in denying his motion to suppress and that the evidence was insufficient to support the verdict. We
hold that the officers had probable cause, that substantial evidence supports the conviction, and that any error in
the jury instructions was harmless. We affirm. Facts. On the night of June 4, a neighbor saw two men carrying a
television out of a dark house and called the police.

Privacy Policy. Last updated 1 May. This policy explains what personal information we collect when you use our
website, how we use it and with whom we share it. Information you give us: your name, email address and payment
details. Information we collect automatically: your IP address, browser type and cookies. You have the right to
access, correct or erase your personal data and to object to its processing. We keep your data only as long as we need
it. Contact our data protection officer with any question.

Terms of Service. Welcome to Lanternbox. By creating an account or using the service you agree to these terms. If you
do not agree, do not use the service. You must be at least 13 years old. You keep the rights to your content and grant
us a licence to host and display it. We may suspend or terminate your account if you break these terms. The service is
provided as is, without warranty of any kind, and our liability is limited to the extent permitted by law. These terms
are governed by the laws of Ireland.

Cookie Policy. This site uses cookies. A cookie is a small text file placed on your device by your browser. Strictly
necessary cookies keep you signed in. Analytics cookies help us understand how visitors use the site. You can block or
delete cookies in the settings of your browser.

Community Guidelines. Be kind. We want everyone to feel safe here. Do not post hate speech, harassment, threats,
nudity or spam. Respect other members. Report content that breaks these guidelines; our moderators may remove it and
suspend accounts that break the rules again.

Sparse Parsers for Sparse Languages. Ada Nowak and Lee Tran, Department of Linguistics, University of Rhodes.
Abstract. We present a transition-based dependency parser for languages with little annotated data. We train a neural
model on projected treebanks and show that a simple transfer method improves labelled attachment scores over a strong
baseline on eleven languages. 1 Introduction. Dependency parsing is a central task of natural language processing.
Previous work has mostly relied on large treebanks such as the Penn Treebank.

SINAR KEDAI RUNCIT SDN BHD (123456-X) NO 7, JALAN BUNGA 3, 81100 JOHOR BAHRU TEL 07-5550123 GST ID 000123456789 TAX
INVOICE INVOICE NO CS00412 DATE 12/02/2018 14:05 CASHIER MEI 1 X A4 PAPER 80GSM 11.90 SR 2 X PEN BLUE 3.20 SR SUBTOTAL
15.10 GST 6% 0.91 ROUNDING -0.01 TOTAL RM 16.00 CASH 20.00 CHANGE 4.00 THANK YOU PLEASE COME AGAIN GOODS SOLD ARE NOT
RETURNABLE

From: kit@willow.example (Kit Moss) Subject: Re: Slow modem on an old Mac Organization: Willow Club Lines: 14 In
article <552@fern.example> sam@fern.example writes: > My modem drops the line after five minutes. Mine did the same
until I turned off call waiting. Try another serial cable, too; the one in the box was not shielded. If that does not
help, post your init string and somebody here will know. Kit
"""

TEXTS = tuple(" ".join(text.split()) for text in _TEXTS.split("\n\n"))


def golden_entry(text: str, labels: tuple[str, ...], probabilities: Floats) -> dict[str, Any]:
    """One golden input as it stands in a manifest."""
    return {
        "text": text,
        "label": labels[int(probabilities.argmax())],
        "probabilities": [round(float(share), DIGITS) for share in probabilities],
    }
