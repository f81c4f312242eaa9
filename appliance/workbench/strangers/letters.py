"""What comes by post: letters, invoices and their kin, applications, forms. Written for this purpose; about nobody."""

from __future__ import annotations

LETTERS = (
    """
<person>
<street>
<town>

<date>

Dear [Mr|Mrs|Ms] <surname>,

[Thank you for your call on Tuesday.|I am writing about the noise from the yard behind our house.] My husband and I
have lived in <street> for <nn> years and have never had reason to complain, but since the new depot opened the lorries
begin at five in the morning and the reversing alarms wake the children.

? We spoke to the foreman, who was friendly and said he would see what could be done. That was <n> weeks ago.

Could somebody from your office come and hear it for themselves? We are at home most mornings.

[Yours sincerely,|With kind regards,]

<person>
""",
    """
<firm>
<street>, <town>

To the parents of class <n>B

Dear families,

our trip to the [lighthouse|open-air museum|observatory] will take place on <date>. The coach leaves the school gate at
<time> sharp and we expect to be back by half past five. Please give your child a packed lunch, a waterproof jacket and
no more than ten pounds of pocket money.

? Children who feel sick on coaches should sit at the front; tell <name> beforehand.

[Helpers are still needed.|We are looking for two more grown-ups to come along.] If you can spare the day, put your name
on the list outside the office.

<person>, class teacher
""",
    """
Our reference <nnnn>/<nn>

Dear Sir or Madam,

With regard to your claim for water damage at <street>, we have now received the assessor's report. He found that the
joint below the washbasin had failed and that the floor of the [bathroom|kitchen|hall] and the ceiling below it must be
dried out for <n> weeks before they are made good.

We are prepared to pay <sum> towards the work, less the excess you chose. [Please send us two estimates.|You may choose
the tradesman yourself.] The damaged rug can be replaced at its value today, which we put at <sum>.

? If you do not agree with this, write to us within a month and we shall look at it again.

<person>
Claims department, <firm>
""",
    """
My dear <name>,

it was so good to have your card from <town>, and the photograph of the little one on the pony. We have had rain for
nine days and the river is up to the second step, but the house is dry and the cat has moved into the airing cupboard.

Your uncle's knee is better since the operation and he is already talking about the allotment. [He wants to try leeks
this year.|He has ordered far too many seed potatoes.] I tell him to wait until the doctor has seen him again.

Will you come at Easter? There is room, and <name> would love to see you. Bring boots.

All my love,
<name>
""",
    """
<town>, <date>

Letter of recommendation

[It is a pleasure to recommend|I gladly recommend] <person>, who worked in our kitchen from <year> until this summer,
first as a helper and later in charge of the cold section. <surname> is punctual, cheerful under pressure and honest; in
all that time I did not have to check the till once.

She leaves us of her own wish to be nearer to her parents. Any restaurant will be lucky to have her. I would take her
back tomorrow, and I can be telephoned on <phone> by anyone who wants to hear more.

<person>, head chef
""",
    """
RESIGNATION

Dear <name>,

Please accept this note as four weeks' notice; my last day in the warehouse will be <date>.

I have [enjoyed my time|learned a great deal] here, above all on the night shift under <person>, and I am sorry to go.
The reason is simply that we are moving to <town>, where my wife has been given a post at the hospital.

I shall of course show whoever comes after me how the racking is numbered, and I will hand in the keys to gate <n> and
the handheld scanner. <nn> hours of overtime are still open, which I would rather take as days off.

<person>
""",
)

INVOICES = (
    """
<firm>
<street> - <town> - Tel. <phone>

INVOICE No. <nnnn>                                   Date: <date>
Customer: <person>, <street>, <town>

Description                        Hours     Rate      Amount
Repair of gutter, rear             <n>       38.00     <sum>
Replace <nn> slates                <n>       38.00     <sum>
Hire of scaffold, one week                             <sum>
Materials as listed overleaf                           <sum>
                                             Net       <sum>
                                             VAT 20 %  <sum>
                                             To pay    <sum>

Payable within 30 days to account 00<nnnn><nnnn>. [Thank you for your business.|Please quote the invoice number.]
""",
    """
STATEMENT OF ACCOUNT

<firm>, accounts department

Account <nnnn> in the name of <person>. Period: [March to May|the third quarter] <year>.

Balance brought forward <sum>
<date> invoice <nnnn> <sum>
<date> invoice <nnnn> <sum>
<date> credit note <nn> -<sum>
<date> payment received, with thanks -<sum>
Balance due <sum>

? Of this <sum> is more than sixty days overdue. If you have paid in the meantime, disregard this reminder.
""",
    """
Fee note

For professional services: translation of a birth certificate and two school reports from [Portuguese|Polish|Greek] into
English, <nnnn> words at 0.14 a word; sworn declaration before the notary; delivery by registered post.

Fee <sum>. Disbursements <sum>. Total <sum> euros. Small business, no value added tax is charged.

Bank: <firm> Savings, sort code 20-<nn>-<nn>. The work was delivered on <date>.

<person>, translator, <street>, <town>
""",
    """
DELIVERY NOTE <nnnn>

Ship to: <firm>, goods inwards, <street>, <town>
Order <nnnn> of <date>. Carrier: [own van|parcel service|pallet network]. Parcels: <n>. Weight: <nn> kg.

Pos  Article             Ordered  Delivered  To follow
10   Hex bolt M8 x 40        <nn>0      <nn>0          0
20   Washer M8, zinc         <nn>0      <nn>0          0
30   Threaded rod 1 m         <nn>       <nn>        <n>
40   Anchor, chemical         <nn>       <nn>          0

Received in good order: ______________ Date: ____________ [No prices on this note.|Return pallets within six weeks.]
""",
    """
Estimate

Dear <name>, as promised here is what the wedding on <date> would come to for <nn> guests.

Welcome drinks and canapes: <sum>
Three courses, with a vegetarian choice: <sum>
Wine, estimated: <sum>
Hire of linen, glass and china: <sum>
Staff, six until midnight: <sum>

That makes <sum> in all. [A third is asked for on booking.|The prices hold until the end of the year.] Tell us if you
would like the cheese table; it adds <n> pounds a head.

<person>, <firm>
""",
)

APPLICATIONS = (
    """
CURRICULUM VITAE

<person>
<street>, <town> | <phone>

Profile
[Qualified electrician|Joiner|Heating engineer] with <nn> years on building sites and in old houses, used to leading a
team of four.

Employment
<year> to today: foreman, <firm>. Rewiring of two schools, handover on time, no accident.
<year>: fitter, <firm>, <town>.
<year>: apprentice.

Education
City college, <town>: advanced diploma, with merit. Evening course in measurement and testing.

Other
Driving licence incl. trailer. First aid. English, some Polish. Plays the cornet.
""",
    """
Resume of <person>

OBJECTIVE: a position as a [staff nurse|ward sister|community nurse] in a hospital near <town>.

EXPERIENCE
St Brannoc Infirmary, surgical ward, since <year>. Care of twelve beds on nights; mentor for students; introduced a new
handover sheet.
Red Cross, volunteer in a field clinic, <n> months.

SKILLS
Wound care, cannulation, basic life support instructor, patience.

REFERENCES
Sister <person>, <phone>. Dr <person> on request.
""",
    """
Application for the post of librarian

Dear members of the committee,

your advertisement in [the county paper|last week's journal] describes the work I have wanted to do since I was a
trainee in <town>. I have catalogued a bequest of <nnnn> maps, run a reading hour for under-fives and taught pensioners
to use the catalogue from home.

My degree is in [history|Romance languages|geography] (<town>, <year>). At present I look after the local collection at
a school library, a post that ends in July.

I could begin on <date> and would be happy to come for a talk.

<person>
""",
    """
<person>, MSc

2<n> publications of data sheets - <nn> shipped products - <n> patents pending

<year>-<year>  Lead firmware engineer, <firm>: motor control for pumps, C on Cortex-M, unit tests on target
<year>-<year>  Development engineer, <firm>: radio modules, EMC lab, certification
<year>         Internship, <town>: test benches in Python

Tools: oscilloscope, spectrum analyser, Git, Jenkins, KiCad
Languages: German (native), English (fluent), Czech (basic)
Interests: gliding, bread, restoring valve radios
""",
    """
Reference questionnaire for volunteers

Candidate: <person>. Completed by: <person>, known since <year> as [neighbour|former teacher|team leader].

Is the candidate reliable? Yes, always; turned out for the flood appeal at two in the morning.
Does the candidate get on with older people? Very well. My mother asks after them.
Is there any reason why they should not work with children? None that I know of.
Anything else? Sings. Bakes. Has a van.

Signed, <town>, <date>
""",
)

FORMS = (
    """
CHANGE OF ADDRESS                                  Form R-<nn>

1. Family name: <surname>        2. First names: <name>
3. Old address: <street>, <town>
4. New address: <street>, <town>
5. Valid from: <date>
6. Persons moving with you: [ ] spouse [x] children, number: <n>  [ ] other
7. Dog(s): [yes, one|no]

Bring your identity card. For office use only: ______ stamp ______ clerk ______
""",
    """
New patient questionnaire

Name <person>   Date of birth <date>   Telephone <phone>
Height 1<nn> cm   Weight <nn> kg
Do you smoke? ( ) never (x) gave up in <year> ( ) yes, ... a day
Allergies: [penicillin|hay fever|none known]
Operations: appendix, <year>; wisdom teeth
Medicines taken regularly: [ramipril 5 mg in the morning|none|levothyroxine]
Did a parent have: heart disease ( ) diabetes (x) stroke ( )
When was your last tetanus vaccination? ____________
Please hand this in at the desk before you see the doctor.
""",
    """
TRAVEL EXPENSES

Employee <person>  No. <nnnn>  Purpose: [trade fair|site visit|training] in <town>
Departure <date>, <time>   Return <date>, <time>
Own car <nn> km at 0.45      <sum>
Rail, second class           <sum>
Hotel, <n> nights            <sum>
Meals, flat rate             <sum>
Parking, no voucher          4.50
Total claimed                <sum>
Approved: ____________  Booked to cost centre <nnnn>
""",
    """
Accident book, entry <nn>

When: <date>, <time>. Where: [loading bay|canteen|stairs to the second floor]. Who: <person>, packer.
What happened: slipped on wet floor while carrying a crate; no sign had been put out.
Injury: sprained left wrist, graze on the knee. Treatment: cold pack, bandage, sent home by taxi.
Witness: <person>.
What has been done so that it does not happen again: mats ordered, cleaning moved to after the shift.
Reported by: <name>. Seen by safety officer on <date>.
""",
    """
Guest registration card

Arrival: <date>    Departure: ______    Room: <n><nn>
Surname: <surname>    Given name: <name>
Nationality: ..................    Passport no.: ..................
Car registration: ..................
Breakfast [included|not included]    Newspaper: [yes|no]    Wake-up call: <time>
Valuables may be left in the safe at reception. Checking out is until eleven.
Signature: ..................................
""",
)
