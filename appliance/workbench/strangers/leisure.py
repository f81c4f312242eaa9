"""What has no business in an office and is there all the same: recipes and verse. Written for this purpose."""

from __future__ import annotations

RECIPES = (
    """
[Leek|Onion|Fennel] tart

Serves <n>. For the pastry rub 120 g of cold butter into 250 g of flour with a pinch of salt; bind with an egg and a
spoonful of water and leave it in the cold for half an hour.

Slice <n> leeks, wash out the sand, and let them go soft in butter with the lid on. Beat three eggs with a cup of cream,
nutmeg and plenty of pepper. Line a tin, spread the leeks, pour over the cream and bake at 190 degrees for <nn> minutes,
until it trembles only in the middle. [A handful of walnuts does no harm.|Good cold, too.]
""",
    """
GRANDMA'S [GINGER|HONEY|PLUM] CAKE

2 cups flour
1 tsp baking soda
1/2 cup molasses or syrup
3/4 cup sugar
1 stick butter
2 eggs
1 cup hot tea

Melt butter, sugar and syrup together. Cool. Stir in eggs, then flour and soda sifted, then the tea. Batter will be
thin! Bake in a greased pan at 350F about <nn> minutes. Keeps a week in a tin if you hide it.
""",
    """
Fish soup for a crowd

The day before, make a stock from heads and bones (no gills), fennel tops, peppercorns and a glass of white wine; twenty
minutes, not more, or it turns to glue. Strain.

On the day soften onions, celery and <n> cloves of garlic in oil, add saffron, a strip of orange peel and a tin of
tomatoes. Pour on the stock. When it boils hard put in the firm fish first, [monkfish|gurnard|conger], after five
minutes the mussels, at the very end the prawns. Toast, rouille, napkins.
""",
    """
Sourdough, day by day

Friday evening: feed the starter, equal weights of rye and water. Saturday morning it should have doubled and smell of
apples. Mix 100 g of it with 350 g water and 500 g strong flour; rest; then 10 g salt. Fold every half hour, <n> times.
Shape when it wobbles. Overnight in the fridge in a floured basket.
Sunday: oven as hot as it goes, with the pot inside. Score, lid on, <nn> minutes; lid off, until the crust sings.
""",
    """
MENU OF THE WEEK - canteen

Monday: lentil stew with or without sausage; semolina, cherries
Tuesday: chicken fricassee, rice, peas | stuffed pepper (v)
Wednesday: fish fingers, potato salad | gnocchi with sage butter (v)
Thursday: goulash, noodles | vegetable curry (v)
Friday: [pancakes|pizza|jacket potato]; soup of the day
Salad bar 100 g 0.9<n>. Allergens: see the board by the till. Card only on Fridays.
""",
)

POEMS = (
    """
The kettle

It starts as less than sound, a thought of steam,
[a moth against the window of the tin,|a rumour in the belly of the tin,]
then finds its one high note, and holds the beam
of morning up until the day comes in.

My mother lifted it without a cloth.
My hands have never learned to be so sure.
I stand and watch the water turn to froth
and do not know what I am waiting for.
""",
    """
[Snow on the signal box|Rain on the allotments]

no train since noon
a crow walks the rail
as if it were a sentence
it had to finish

the lamp says red
to nobody
says red
""",
    """
BALLAD OF THE FERRYMAN

Come down, come down to the water's edge,
The night is black as tar,
There's one who calls from the other side
And I know not who they are.

O I have rowed for bread and beer,
And I have rowed for gold,
But never have I dipped an oar
In water half so cold.

[He pushed her off, he bent his back,|He spat for luck, he took his seat,]
The tide ran like a hound,
And of the boat and the ferryman
No plank was ever found.
""",
    """
Limericks for the office party

A clerk in accounts known as <name>
Kept ledgers as neat as a pin;
But one day a decimal
So infinitesimal
Let seven whole warehouses in.

There was an old printer in <town>
That only would print upside down.
They turned it about,
And the paper came out
With a long and contemptuous frown.
""",
    """
Song for two voices

First: The barley is bowing, the swifts have gone over.
Second: Have gone, have gone, and the gate swings wide.
First: Who sleeps in the field where we lay in the clover?
Second: The stubble, the stubble, from side to side.

Both: Then bring in the lantern and bar the door,
There's frost on the bucket, there's frost on the floor,
And summer's a tune that we [knew|sang] before,
[And summer's a tune that is done.|And the fiddle is hung on the wall.]
""",
)
