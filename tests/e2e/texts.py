"""Texts we wrote ourselves, one for each of a few labels, for documents that tests need everywhere."""

CONTRACT = """DISTRIBUTOR AGREEMENT. This Exclusive Distributor Agreement is made between Elm Valves, Inc.
(the Company) and Quarry Trading LLC (the Distributor). The Company appoints the Distributor as its exclusive
distributor of the Products in the Territory. The Distributor shall purchase the Products from the Company at the
prices of the current price list less the distributor discount, shall keep an inventory, and shall promote the sale of
the Products in the Territory. This Distributor Agreement lasts for a term of three years."""

PRIVACY = """Privacy Policy. Last updated: 3 May. This privacy policy explains what personal information we collect
when you use our website and services, how we use it, and with whom we share it. We collect your name, email address and
payment details when you create an account. We use cookies and similar technologies. You have the right to access,
correct or delete your personal data. We keep personal data only for as long as we need it."""

OPINION = """OPINION. Ortiz, Judge. Defendant appeals from his conviction for burglary. He argues that the district
court erred in denying his motion to suppress and that the evidence was insufficient to support the verdict. We conclude
that the officers had probable cause and that substantial evidence supports the conviction. We affirm the judgment of
the district court. State v. Salas, 99 N.M. 412, 658 P.2d 1140 (Ct. App. 1983)."""
