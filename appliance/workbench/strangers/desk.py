"""What lies on desks and hangs on boards: manuals, minutes, notices, plans. Written for this purpose; about nobody."""

from __future__ import annotations

MANUALS = (
    """
[Aquila|Borea|Zephyr] <nn>00 dishwasher: quick guide

Before first use
1. Remove the transport bolts at the back.
2. Fill the salt container with water once, then with 1 kg of salt.
3. Set the water hardness: hold P for five seconds; the display shows H:0<n>.

Every day
Scrape plates, do not rinse them. Cups upside down. Start with Eco 50; it takes three hours and uses least.

If it beeps
E<n>: the tap is closed or the hose kinked. E<nn>: the filter is blocked; take it out and hold it under the tap.
? The drawer must not be oiled. Call service only after switching off at the wall for ten minutes.
""",
    """
How to use the franking machine

Switch on at the back and wait for the green light. Enter your four-digit code; without it the machine stays locked.
Put the letter on the scale, choose [first|second] class with the arrows and feed the envelope face up, flap to the
left. Thick envelopes go through the label printer instead.

Credit is loaded on the first working day of the month by <person>. When the red ink runs low a drop lights up; the
spare cartridge is in the drawer marked <n>.

Jammed? Lift the blue lever, pull the paper in the direction of travel, never backwards.
""",
    """
Assembly instructions: bookcase "[Ulma|Kivi|Tarn]"

Check the parts: A side panel (2), B shelf (<n>), C back panel (1), D cam lock (<nn>), E dowel (<nn>), F hinge (4).
You need a cross-head screwdriver and a second person.

Step 1. Press the dowels into the holes of A. Step 2. Turn the cam locks until the arrow points outwards. Step 3.
Lay one
side panel on a blanket and set the shelves upright into it. Step 4. Put on the other side and tighten all cams by
a half
turn. Step 5. Slide the back panel into the groove, printed side to the front. Step 6. Fix the case to the wall with the
bracket; it can tip over otherwise.
""",
    """
Configuring the wireless bridge

The unit has the address 192.168.<nn>.1 when it leaves the factory. Connect a laptop with a cable, open the address in a
browser and log in as admin. Change the password at once.

Mode: choose Bridge. Channel: <n> or Auto. Transmit power: no more than 20 dBm outdoors. Enter the same key on both
units. Align the dishes until four LEDs are lit; below minus 75 dBm the link drops in rain.

Firmware: Tools > Upgrade. Do not switch off while the lamp blinks. Resetting: hold the button for <nn> seconds.
""",
    """
Standard operating procedure <nn>: cleaning the incubator

Purpose: to keep cell cultures free of [mould|mycoplasma]. Frequency: every <n> weeks and after any spill.
Wear gloves, goggles and a fresh coat.
a) Move flasks to the spare incubator and note positions in the log.
b) Take out shelves, rails and water tray; autoclave them at 121 degrees for 20 minutes.
c) Wipe the inside with 70 % ethanol from top to bottom, then with sterile water. Do not spray the sensor.
d) Refill the tray with sterile water and copper sulphate, close the door, wait until 37.0 degrees and 5 % are steady.
e) Sign the sheet on the door.
""",
)

MINUTES = (
    """
Minutes of the [parish|residents'|allotment] meeting, <date>, village hall

Present: <person> (chair), <person>, <person>, <person>, <nn> others. Apologies: <person>.

1. The minutes of the last meeting were read and agreed.
2. Treasurer: <sum> in the current account. The mower cost more than hoped.
3. Hedge along <street>: <name> offered to cut it before nesting begins.
4. Summer fair. A sub-group will ask about a marquee. No bouncy castle this time, after last year.
5. Any other business: a dog has been let loose on the pitch again.

The meeting closed at <time>. Next meeting: <date>.
""",
    """
PROJECT BOARD - NOTES AND ACTIONS

Date <date>, room <n>.<nn>. In the room: <name>, <name>, <name>. On the line: <name>.

Status amber. The database move slipped by <n> days because the storage array came late.
Decision: go live is moved to the second weekend; freeze from Thursday noon.
Risk: only <name> knows the old scheduler. Mitigation: two days side by side with <name>.

Actions
A1 <name> - order second switch - by Friday
A2 <name> - write to the users about the outage
A3 <name> - test restore of the March tape
""",
    """
Protocol of the annual general meeting of the [rowing|chess|choral] club

The chairman opened the meeting at <time> and found that notice had been given in time and that <nn> members with a vote
were present. The annual report was received with applause. The auditors, <person> and <person>, found the books in
order and proposed to discharge the treasurer, which was done with two abstentions.

Elections: chair <person> (<nn> votes), secretary <person>, youth officer still
vacant.

The motion to raise the subscription by <n> euros a year was carried after a long debate. A motion to paint the
boathouse green was lost.
""",
    """
School council, Wednesday lunchtime

Year 9 said the lockers still do not lock. Mr <surname> will ask the caretaker.
Year 7 want more than one flavour of yoghurt. Canteen says: maybe after half term.
Litter: we talked about who should pick it up. Idea: houses take turns. Vote: <nn> for, <n> against.
Talent show: sign up by <date>. No fire.
<name> brought biscuits. Thanks!
""",
    """
Ward handover / team meeting

Attending: day shift, physio, pharmacy. Notes: <person>.
Two empty beds, one admission expected from [theatre|A and E] at <time>. Bed <n>: family asked for a talk with the
consultant, arranged for tomorrow. Bed <nn>: mobilise twice a day, fluids chart. Infusion pump 3 is out for repair.
Fridge temperature was 9 degrees overnight, pharmacy informed, stock discarded.
Rota: nobody yet for the late on <date>; swap with <name>?
Fire drill next week without warning, you have been warned.
""",
)

NOTICES = (
    """
NOTICE TO ALL STAFF

From Monday the [north|east] car park will be closed for resurfacing. Please use the meadow, which is marked with tape;
after rain it will be soft, so leave by the upper gate. Bicycles can stand in the old boiler house.

The works will take about <n> weeks. Deliveries go to gate <n>.

? Whoever owns the blue estate with a flat tyre, please move it.

Facilities, <phone>
""",
    """
For immediate release

<firm> opens in <town>


<town>, <date> - The family business <firm> will open a second workshop in the former [dairy|railway shed|post office]
next month. Twelve people are to work there at first. "We looked for high ceilings and a good neighbour,"
says owner <person>. The mayor cut a ribbon of sandpaper.

There will be an open day on <date> with soup and guided tours. Pictures can be had from <person>, <phone>.
""",
    """
Lost and found

Found on the [47 bus|ferry|school run]: one child's wellington boot, left, yellow. A flute in its case. Three umbrellas.
A set of teeth, which we would be glad to be rid of. A box file labelled "<year>, do not throw away".

Things are kept for <n> weeks and then go to the charity shop. Ask for <name> at the counter, mornings only.
""",
    """
Weather and crop report, week <nn>

Rainfall <nn> mm, mostly on Tuesday night. Barley on the light land is in ear; blackgrass is coming through in the
headlands. Aphid counts stay low. Sprayers should wait for the wind to drop below <nn> km/h.

First cut silage averaged <nn> tonnes per hectare, dry matter <nn> per cent. [Store lambs fell by two pence.|Feed wheat
was firmer.] The open gate at <town> has let sheep onto the bypass again.
""",
    """
Obituary

<person>, who has died at the age of <nn>, mended clocks in <street> for half a century. Born in <town>, the son of a
signalman, he came to the trade by taking his grandmother's alarm to pieces on the kitchen table. During the war he
served on minesweepers; afterwards he never went to sea again, not even on the ferry.

Half the church towers of the county were in his care. He could hear from the pavement that one was slow. He is survived
by a daughter and <nn> clocks, all of which strike at once.
""",
)

PLANS = (
    """
Itinerary for <person>

<date>  dep. <town> <time>  train, coach <n>, seat <nn>
        arr. harbour, transfer on foot (10 min)
        ferry [Halcyon|Petrel], cabin <nnnn>, boarding closes <time>
next day breakfast on board from 07:00
        hire car, group C, voucher <nnnn>
        [Hotel Astoria|Pension Rosa], <n> nights, half board
return  flight <nnnn>, check-in opens two days before

Take: passport, adaptor, sea-sickness pills.
""",
    """
Timetable, spring term, form <n>C

         Mon        Tue        Wed        Thu        Fri
8.10     Maths      English    PE         Physics    German
9.00     Maths      Art        PE         English    History
10.10    German     Art        Biology    Maths      Music
11.00    Geography  Physics    English    German     Maths
12.00    -          Choir      -          Tutor      -

Room changes: Physics is in lab <n> while the roof is mended. PE on Wednesdays in <town> baths: bring goggles.
""",
    """
Agenda: [works outing|strategy day|open studio]

<time> Arrival, coffee
9:30 Welcome (<name>)
10:00 Where do we stand? Figures and a quiz
11:15 Groups: A in the barn, B under the lime tree, C wherever it is dry
13:00 Lunch; tell the kitchen about nuts
14:00 Walk to the mill, about <n> km, flat
16:30 What we take home
17:00 Bus to <town> station
""",
    """
Training plan, half marathon, week <n> of 12

Monday rest. Tuesday <n> km easy, then eight strides. Wednesday strength: squats, planks, calf raises, 3 x <nn>.
Thursday intervals, 6 x 800 m with two minutes' jog. Friday rest or swim. Saturday <n> km with hills. Sunday long run,
1<n> km, slow enough to talk.

Drink before you are thirsty. If the shin hurts for more than <n> days, stop and see <name>.
""",
    """
Packing list / move from <street> to <street>

Box 1 kitchen: pans, good knives, kettle (last!)
Box 2 kitchen: plates, FRAGILE
Box <nn> study: ring binders <year>-<year>
Box <nn> study: cables nobody knows
Wardrobe: takes apart, screws in bag taped to door
Piano: firm comes <date>, <time>, ask <name> to keep the lift free
Leave behind: curtains, cooker, the smell
""",
)
