"""The post of other countries. Written for this purpose; about nobody."""

from __future__ import annotations

ABROAD = (
    """
Sehr geehrte Frau <surname>,

vielen Dank für Ihr Schreiben vom letzten [Montag|Donnerstag]. Leider müssen wir Ihnen mitteilen, dass der gewünschte
Heizkörper erst in <n> Wochen geliefert werden kann. Unser Monteur, Herr <surname>, wird sich vorher telefonisch bei
Ihnen melden, um einen Termin zu vereinbaren. Bitte sorgen Sie dafür, dass der Keller zugänglich ist.

Für die Verzögerung bitten wir um Entschuldigung und legen einen Gutschein bei.

Mit freundlichen Grüßen
<firm>, <town>
""",
    """
Procès-verbal de la réunion du [conseil de quartier|comité des fêtes]

Étaient présents : <person>, <person>, <person>. Absents excusés : <person>.

La séance est ouverte à 20 heures. Le président rappelle que la salle sera fermée pour travaux pendant <n> semaines. Le
trésorier présente les comptes : il reste <sum> euros en caisse. La discussion porte ensuite sur le feu de la
Saint-Jean ; les pompiers demandent une distance de cinquante mètres. Le vote a lieu à main levée.

La séance est levée à 22 h 30.
""",
    """
Estimado señor <surname>:

Le escribo para confirmar la reserva de <n> habitaciones del <nn> al <nn> de [agosto|septiembre]. Llegaremos tarde,
hacia
las once de la noche, porque el vuelo de <town> se ha retrasado. ¿Sería posible cenar algo frío? Mi madre no puede subir
escaleras, por lo que le agradecería una habitación en la planta baja, con vistas al jardín si las hay.

Reciba un cordial saludo,
<person>
""",
    """
Beste bewoners,

op <nn> [mei|juni|oktober] wordt tussen 9 en 12 uur het water afgesloten in verband met werkzaamheden aan de leiding in
de <street>. Vul van tevoren een paar flessen en een emmer. Laat na afloop de kraan even lopen; het water kan bruin
zijn, maar dat is niet schadelijk. De wasmachine kunt u beter pas 's avonds aanzetten.

Met vriendelijke groet, waterbedrijf <town>
""",
    """
Szanowni Państwo,

zgłaszam chęć udziału w kursie [ceramiki|żeglarskim|pierwszej pomocy], który rozpoczyna się w <town>. Mam <nn> lat,
pracuję
jako księgowa i od dawna marzę o tym, by zrobić coś własnymi rękami. Proszę o informację, czy są jeszcze wolne miejsca i
czy trzeba przynieść własne narzędzia. Zaliczkę wpłacę do piątku.

Z poważaniem
<person>
""",
    """
Gentile signora <surname>,

la ringrazio della telefonata. Come d'accordo le mando l'elenco delle cose da portare al [rifugio|campeggio]: scarponi,
giacca a vento, sacco a pelo, torcia, borraccia e un cambio asciutto. Il ritrovo è alle <time> davanti alla stazione; il
rientro è previsto per le <n> di sera. Se piove ci vediamo lo stesso e facciamo la polenta.

Cordiali saluti, <person>
""",
    """
Hej <name>,

tack för senast! Här kommer listan inför städdagen på [lördag|söndag]: krattor finns i boden, kärran måste pumpas, och
någon behöver ringa kommunen om containern. <name> bakar bullar. Vi börjar klockan <n> och håller på tills det blir
mörkt. Glöm inte handskar. Om det snöar flyttar vi allt en vecka.

Många hälsningar, <name>
""",
    """
Caros colegas,

informamos que o elevador do bloco <n> ficará parado durante a próxima semana para [manutenção|troca dos cabos]. Pedimos
que usem a escada dos fundos e que ajudem dona <surname>, do quarto andar, com as compras. O porteiro tem o telefone do
técnico. Pedimos desculpa pelo incômodo e agradecemos a paciência de todos.

A administração, <town>
""",
)
