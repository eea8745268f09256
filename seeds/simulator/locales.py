"""How people, companies, streets and telephones are named in some countries: word lists to be combined at random.

Words are parted by spaces; `_` stands for a space within one. A first name is followed by `/` and its short form where
it has one; a word in a script without letters by `=` and how it is written in Latin letters.
Names and streets are frequent ones of the language, put together by chance; cities keep their real postcodes' first
characters and their area code.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from zlib import crc32

ABBREVIATED = {
    "International": "Intl",
    "Company": "Co.",
    "Brothers": "Bros.",
    "Services": "Svcs",
    "Solutions": "Sol.",
    "Technologies": "Tech",
    "Systems": "Sys.",
    "Manufacturing": "Mfg.",
    "Management": "Mgmt",
    "Associates": "Assoc.",
    "Engineering": "Eng.",
    "Group": "Grp.",
    "Gebrüder": "Gebr.",
    "Gesellschaft": "Ges.",
    "Établissements": "Éts",
    "Compagnie": "Cie",
    "Compañía": "Cía.",
    "Hermanos": "Hnos.",
    "Fratelli": "F.lli",
    "Gebroeders": "Gebr.",
    "Przedsiębiorstwo": "P.",
    "Aktiebolaget": "AB",
}


@dataclass(frozen=True)
class Word:
    """A word of a list: as it is written, its short form, and in Latin letters."""

    text: str
    short: str
    latin: str


@dataclass(frozen=True)
class City:
    name: str
    postcodes: str  # '#' any digit, '@' any letter
    area: str


def words(text: str) -> list[Word]:
    found = []
    for item in text.split():
        written, _, latin = item.replace("_", " ").partition("=")
        written, _, short = written.partition("/")
        found.append(Word(written, short, latin or written))
    return found


def zipf(count: int, shift: float) -> list[float]:
    """Weights, summed up, that fall as the rank grows: the first word is by far the most frequent one."""
    return list(accumulate(1 / (rank + shift) for rank in range(count)))


@dataclass(frozen=True)
class Locale:
    country: str
    english: str
    local: str
    dial: str
    trunk: str
    mobile: str
    female: str
    male: str
    surnames: str
    surname_parts: tuple[str, str]
    cities: str  # name|postcodes|area, parted by ';'
    streets: tuple[str, str]  # stems, and patterns in which '~' is the stem and '#' the number
    coined: tuple[str, str]
    trades: str
    forms: str  # ways to write one form, parted by '|', '~' is the name; forms parted by ';'
    joined_by: str  # the word for '&'
    sons: str
    feminine: tuple[tuple[str, str], ...] = ()
    family_first: bool = False
    is_spaced: bool = True

    @cached_property
    def first_names(self) -> tuple[list[Word], list[Word]]:
        return words(self.female), words(self.male)

    @cached_property
    def last_names(self) -> list[Word]:
        """The frequent ones first, then a long tail of rarer ones put together from parts."""
        stems, endings = (words(part) for part in self.surname_parts)
        tail = [
            Word(stem.text + ending.text, "", stem.latin + ending.latin)
            for ending in endings
            for stem in stems
        ]
        return words(self.surnames) + tail

    @cached_property
    def last_name_weights(self) -> list[float]:
        return zipf(len(self.last_names), 6)

    @cached_property
    def first_name_weights(self) -> tuple[list[float], list[float]]:
        female, male = self.first_names
        return zipf(len(female), 4), zipf(len(male), 4)

    @cached_property
    def places(self) -> list[City]:
        return [City(*place.strip().split("|")) for place in self.cities.split(";")]

    @cached_property
    def place_weights(self) -> list[float]:
        return zipf(len(self.places), 1.5)

    @cached_property
    def roads(self) -> list[str]:
        """Streets with '#' where the number stands."""
        stems, patterns = self.streets
        return [
            pattern.replace("~", stem).replace("_", " ")
            for stem in stems.split()
            for pattern in patterns.split()
        ]

    @cached_property
    def coined_parts(self) -> tuple[list[Word], list[Word]]:
        return words(self.coined[0]), words(self.coined[1])

    @cached_property
    def businesses(self) -> list[Word]:
        return words(self.trades)

    @cached_property
    def business_weights(self) -> list[float]:
        return zipf(len(self.businesses), 3)

    @cached_property
    def legal_forms(self) -> list[list[str]]:
        return [[way.strip() for way in form.split("|")] for form in self.forms.split(";")]

    @cached_property
    def legal_form_weights(self) -> list[float]:
        return zipf(len(self.legal_forms), 0.5)

    def postcode(self, city: City, road: str) -> str:
        """The same road of a city always has the same one."""
        left = crc32(f"{city.name}/{road}".encode())
        written = []
        for place in city.postcodes:
            if place == "#":
                left, digit = divmod(left, 10)
                place = str(digit)
            elif place == "@":
                left, letter = divmod(left, 20)
                place = "ABDEFGHJLNPQRSTUWXYZ"[letter]
            written.append(place)
        return "".join(written)


_LATIN_COINED = (
    "Nor Alt Ver Lum Tek Quan Sol Bri Cal Del Vin Mer Pol Ard Cor Fer Gal Hel Ign Jov Kal Lar Mon Nov Orb Pra Rad Sel"
    " Tri Ult Val Xen Zen Aqu Bel Cyr Dor Elv Fio Gra Har Ist",
    "ano evia ona idyn iplex amar eta ovio ento aris elis ium exa ora avit eron iko unda osta igo astra emis olio andis"
    " imar ulon erra avon istra onix",
)
_COMMON = "International Consulting Solutions Systems Services Group Technologies Management Engineering Partners Media"

LOCALES = [
    Locale(
        "DE", "Germany", "Deutschland", "49", "0", "151 160 170 171 172 175 176",
        "Anna Sabine/Bine Katharina/Kathi Susanne/Susi Julia Christine/Christl Elisabeth/Lisa Barbara/Babsi Claudia Petra"
        " Monika/Moni Gabriele/Gabi Stefanie/Steffi Andrea Birgit Ursula/Uschi Angelika/Geli Franziska/Franzi Johanna/Hanna"
        " Lena Karin Martina Marie Ingrid Heike Jutta Silke Renate Anneliese/Anni Brigitte/Gitte Sophie Theresa/Resi Jana"
        " Friederike/Rike Magdalena/Lena Ute Cornelia/Conny Mareike Anna-Lena Eva-Maria",
        "Thomas/Tom Michael/Michi Andreas/Andi Peter Stefan Wolfgang/Wolfi Klaus Jürgen Martin Frank Christian/Chris"
        " Matthias/Matze Alexander/Alex Markus Bernd Johannes/Hannes Wilhelm/Willi Friedrich/Fritz Heinrich/Heiner"
        " Manfred/Manni Günter Sebastian/Basti Tobias/Tobi Josef/Sepp Maximilian/Max Ulrich/Uli Werner Rainer Karl Jörg"
        " Florian/Flo Dieter Jan Philipp Benjamin/Ben Hans-Peter Karl-Heinz Eberhard Konstantin Björn",
        "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf"
        " Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt Werner Krause Meier Lehmann Köhler"
        " Maier Herrmann König Walter Mayer Huber Kaiser Fuchs Peters Lang Scholz Möller Weiß Jung Hahn Schubert Vogel"
        " Friedrich Keller Günther Frank Berger Winkler Roth Beck Lorenz Baumann Franke Albrecht Schuster Simon Ludwig Böhm"
        " Winter Kraus Martin Schumacher Krämer Vogt Stein Jäger Otto Sommer Groß Seidel Heinrich Brandt Haas"
        " Schreiber Graf",
        ("Stein Berg Feld Wald Bach Eich Linden Buch Rosen Hohen Grün Alten Neu Ober Nieder Kirch Burg Stadel Hirsch Ried"
         " Moos Wies Tannen Sand Kalten Breiten Lauter Mühl Brunn Auer",
         "mann meier hofer bauer müller berger thaler huber egger inger acker stätter höfer häuser wieser"),
        "Berlin|1####|30; Hamburg|20###|40; München|80###|89; Köln|50###|221; Frankfurt am Main|60###|69;"
        " Stuttgart|70###|711; Leipzig|04###|341; Düsseldorf|40###|211; Nürnberg|90###|911; Bremen|28###|421;"
        " Münster|48###|251; Freiburg im Breisgau|79###|761; Kiel|24###|431; Lübeck|23###|451; Gütersloh|33###|5241;"
        " Göttingen|37###|551",
        ("Haupt Garten Bahnhof Schul Kirch Linden Berg Birken Wald Ring Wiesen Goethe Schiller Mozart Rosen Eichen Mühlen"
         " Markt Post Brunnen Buchen Feld Park Amsel Ulmen Kastanien Ahorn Tannen Mittel Hof Jahn Hafen Kloster Beethoven",
         "~straße_# ~weg_# ~allee_# ~platz_# ~gasse_#"),
        ("Nord Süd West Ost Alpen Rhein Elb Hansa Blau Licht Silber Klar Morgen Stern Quell Wald Hoch Weit Grün Sonnen Neu",
         "wind werk kraft licht haus tal stein feld quell hafen bogen punkt gut blick form mark land rad"),
        "Bau Technik Maschinenbau Metallbau Elektrotechnik Logistik Immobilien Spedition Gartenbau Sanitär Tischlerei"
        " Haustechnik Druckerei Bäckerei Verlag Apotheke Autohaus Elektronik Reisen Möbel Consulting Software Handel Werbung"
        " Energie Medizintechnik Umwelttechnik Gastronomie Solutions International Systems Services Group",
        "~ GmbH | ~ Gesellschaft mbH | ~ Ges. m. b. H. | ~ G.m.b.H.; ~ GmbH & Co. KG | ~ GmbH und Co. KG | ~ GmbH + Co KG;"
        " ~ AG | ~ Aktiengesellschaft; ~ KG | ~ Kommanditgesellschaft; ~ e.K. | ~ eingetragener Kaufmann; ~ UG | ~ UG"
        " (haftungsbeschränkt)",
        "und", "Söhne",
    ),
    Locale(
        "AT", "Austria", "Österreich", "43", "0", "650 660 664 676 680 699",
        "Maria/Mizzi Anna Elisabeth/Lisi Barbara/Babsi Katharina/Kathi Theresia/Resi Sabine Christine/Christl Johanna/Hanni"
        " Michaela/Michi Gertraud/Traudi Eva Magdalena/Leni Claudia Julia Brigitte/Gitti Ingrid Margarete/Gretl Lisa"
        " Franziska/Franzi Stefanie/Steffi Veronika/Vroni Monika Doris Birgit Petra Helga Roswitha Verena Sophie",
        "Josef/Pepi Franz Johann/Hansi Michael/Michi Thomas Andreas/Andi Wolfgang/Wolfi Stefan Gerhard/Gerd Christoph"
        " Markus Alois/Lois Leopold/Poldi Karl Matthias/Hias Ferdinand/Ferdl Sebastian/Wastl Lukas Florian/Flo Robert"
        " Anton/Toni Rudolf/Rudi Herbert Georg/Schorsch Alexander/Alex David Martin Bernhard/Hardy Günther Peter",
        "Gruber Huber Bauer Wagner Müller Pichler Steiner Moser Mayer Hofer Leitner Berger Fuchs Eder Fischer Schmid Winkler"
        " Weber Schwarz Maier Schneider Reiter Mayr Schmidt Wimmer Egger Brunner Lang Baumgartner Auer Binder Lechner Wolf"
        " Wallner Aigner Ebner Koller Lehner Haas Schuster Heilig Novak Horvath Strasser Stadler Holzer Kaiser Haider",
        ("Stein Berg Wald Bach Eich Hohen Ober Unter Kirch Moos Wies Tannen Brand Kogl Alm Ried Schwein Rohr Hinter Vorder",
         "bauer egger hofer thaler leitner huber lechner moser berger gruber inger maier hammer"),
        "Wien|1##0|1; Graz|80##|316; Linz|40##|732; Salzburg|50##|662; Innsbruck|60##|512; Klagenfurt|90##|463;"
        " Villach|95##|4242; Wels|46##|7242; St. Pölten|31##|2742; Dornbirn|68##|5572",
        ("Haupt Garten Bahnhof Schul Kirchen Linden Berg Wald Ring Wiesen Mozart Haydn Schubert Rosen Mühl Markt Post"
         " Raiffeisen"
         " Feld Park Flur Au Quellen Dorf Wiener Grazer Kaiser Leopold Eisenstädter Donau",
         "~straße_# ~weg_# ~gasse_# ~platz_#"),
        ("Alpen Donau Berg Tauern Blau Licht Silber Klar Morgen Stern Quell Wald Hoch Edel Gams Enzian Sonnen Neu",
         "werk kraft licht haus tal stein feld quell bogen punkt gut blick form land hof"),
        "Bau Holzbau Technik Metallbau Elektro Transporte Immobilien Gartenbau Installationen Tischlerei Tourismus Weinbau"
        " Bäckerei Verlag Apotheke Autohaus Reisen Möbel Consulting Software Handel Werbung Energie Gastronomie Solutions",
        "~ GmbH | ~ Gesellschaft m.b.H. | ~ Ges.m.b.H. | ~ Gesellschaft mbH; ~ KG | ~ Kommanditgesellschaft; ~ OG | ~ Offene"
        " Gesellschaft; ~ AG | ~ Aktiengesellschaft; ~ e.U. | ~ eingetragenes Unternehmen",
        "und", "Söhne",
    ),
    Locale(
        "GB", "United Kingdom", "United Kingdom", "44", "0", "7400 7501 7700 7801 7911 7950",
        "Margaret/Maggie Elizabeth/Liz Susan/Sue Patricia/Pat Jennifer/Jenny Catherine/Cathy Victoria/Vicky Sarah"
        " Emma Deborah/Deb"
        " Rebecca/Becky Jacqueline/Jackie Christine/Chris Alexandra/Alex Samantha/Sam Charlotte/Lottie Katherine/Kate Olivia"
        " Amelia Alice Rosemary/Rosie Helen Karen Fiona Gillian/Gill Pamela/Pam Hannah Lucy Penelope/Penny Judith/Judy Ruth"
        " Frances/Fran Angela Claire Nicola/Nicky Theresa/Terry Sophie Eleanor/Ellie Joanna/Jo Beatrice/Bea",
        "David/Dave John Michael/Mike James/Jim Robert/Bob William/Bill Richard/Dick Thomas/Tom Christopher/Chris"
        " Andrew/Andy"
        " Stephen/Steve Anthony/Tony Peter/Pete Matthew/Matt Edward/Ted Daniel/Dan Charles/Charlie Joseph/Joe Benjamin/Ben"
        " Alexander/Alex Nicholas/Nick Jonathan/Jon Samuel/Sam Kenneth/Ken Ronald/Ron Geoffrey/Geoff Timothy/Tim Philip/Phil"
        " Gregory/Greg Simon Paul Mark Graham Keith Alan Nigel Stuart Ian George Henry/Harry",
        "Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans Walker White Roberts"
        " Green Hall"
        " Wood Jackson Clarke Patel Khan Lewis Harris Martin Turner Cooper Hill Ward Hughes Moore Clark King Baker Harrison"
        " Morris Allen Lee Scott Watson Parker Bennett Young Davis Cook Price Shaw Griffiths Kelly Simpson Collins Carter"
        " Richardson Bailey Marshall Adams Bell Cox Gray Ellis Miller Begum Wilkinson Foster Chapman Mason Webb Rogers Hunt"
        " O'Connor O'Brien McDonald MacLeod Fitzgerald Singh Murphy Campbell Stewart",
        ("Ash Black Brad Col Craw East Green Hart Hol Kirk Lang Mil North Old Pen Ray Stan Thorn Wal West Whit Win Wood Har"
         " Stock Bur Den Lin Cham Red",
         "ford ley ton worth well field bury wood by stead ham croft man bridge"),
        "London|EC# #@@|20; Birmingham|B# #@@|121; Manchester|M# #@@|161; Leeds|LS# #@@|113; Glasgow|G# #@@|141;"
        " Edinburgh|EH# #@@|131; Bristol|BS# #@@|117; Liverpool|L# #@@|151; Sheffield|S# #@@|114; Cardiff|CF# #@@|29;"
        " Norwich|NR# #@@|1603; Exeter|EX# #@@|1392; York|YO# #@@|1904",
        ("High Station Church Park Victoria Green Manor Kings Queens New Mill York Albert Grange School North South"
         " West Alexandra"
         " Windsor Chester Springfield George Richmond Stanley Highfield Grove Chapel Clarence Oak Elm Bridge Cavendish",
         "#_~_Road #_~_Street #_~_Lane #_~_Avenue #_~_Close"),
        _LATIN_COINED,
        "Construction Plumbing Engineering Consulting Logistics Properties Electrical Services Solutions Systems"
        " Catering Holdings"
        " Joinery Motors Printing Interiors Software Media Travel Foods Textiles Technologies International Brothers"
        " Manufacturing Management Associates Group Design Garages Partners Roofing Security Recruitment",
        "~ Ltd | ~ Limited | ~ Ltd.; ~ plc | ~ Public Limited Company | ~ PLC; ~ LLP | ~ Limited Liability Partnership",
        "and", "Sons",
    ),
    Locale(
        "US", "United States", "United States", "1", "", "202 303 404 512 617 702",
        "Jennifer/Jen Patricia/Patty Elizabeth/Beth Barbara/Barb Susan/Sue Jessica/Jess Margaret/Peggy Kimberly/Kim"
        " Deborah/Debbie"
        " Rebecca/Becca Katherine/Katie Christine/Tina Samantha/Sam Stephanie/Steph Cynthia/Cindy Kathleen/Kathy Pamela/Pam"
        " Jacqueline/Jackie Theresa/Terri Victoria/Vicki Abigail/Abby Madison/Maddie Mary Linda Sarah Karen Lisa"
        " Nancy Ashley"
        " Emily Donna Michelle Amanda/Mandy Melissa/Missy Laura Sharon Amy Angela/Angie Nicole/Nikki Maria",
        "James/Jim Robert/Bob John/Jack Michael/Mike William/Bill David/Dave Richard/Rick Joseph/Joe Thomas/Tom"
        " Charles/Chuck"
        " Christopher/Chris Daniel/Dan Matthew/Matt Anthony/Tony Donald/Don Steven/Steve Andrew/Drew Kenneth/Ken Joshua/Josh"
        " Edward/Eddie Ronald/Ron Timothy/Tim Jeffrey/Jeff Jacob/Jake Nicholas/Nick Gregory/Greg Benjamin/Ben Samuel/Sam"
        " Raymond/Ray Patrick/Pat Lawrence/Larry Zachary/Zach Gerald/Jerry Brian Kevin Jason Gary Eric Mark Paul",
        "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson"
        " Anderson Thomas"
        " Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker"
        " Young Allen"
        " King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts"
        " Gomez Phillips Evans Turner Diaz Parker Cruz Edwards Collins Reyes Stewart Morris Morales Murphy Cook Rogers"
        " Gutierrez Ortiz Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos Kim Cox Ward Richardson Watson Brooks"
        " Chavez",
        ("Ash Black Brad Cran East Green Hart Hol Kirk Lang Mill North Old Pen Ray Stan Thorn Wal West Whit Win Wood Har"
         " Gold Silver Rosen Fein Lind Sand Berg",
         "ford ley ton worth well field bury wood man stein berg strom son gren"),
        "New York|100##|212; Los Angeles|900##|213; Chicago|606##|312; Houston|770##|713; Phoenix|850##|602;"
        " Philadelphia|191##|215; San Antonio|782##|210; San Diego|921##|619; Dallas|752##|214; Austin|787##|737;"
        " Columbus|432##|614; Seattle|981##|206; Denver|802##|720; Boston|021##|857; Portland|972##|503",
        ("Main Oak Maple Cedar Pine Elm Washington Lake Hill Walnut Park View Spring North Ridge Church Willow Mill"
         " Sunset Railroad"
         " Jackson Lincoln Adams Jefferson Highland Forest River Meadow Chestnut Broad Franklin Second Third Fifth",
         "#_~_Street #_~_Avenue #_~_Drive #_~_Road #_~_Lane #_~_Court"),
        _LATIN_COINED,
        "Construction Plumbing Engineering Consulting Logistics Properties Electric Services Solutions Systems"
        " Catering Holdings"
        " Landscaping Motors Printing Interiors Software Media Travel Foods Technologies International Brothers"
        " Manufacturing"
        " Management Associates Group Design Partners Roofing Insurance Company Dental Capital",
        "~ Inc. | ~ Incorporated | ~ Inc; ~ LLC | ~ L.L.C. | ~ Limited Liability Company; ~ Corp. | ~ Corporation; ~ Co. | ~"
        " Company",
        "and", "Sons",
    ),
    Locale(
        "FR", "France", "France", "33", "0", "6 7",
        "Marie Nathalie/Nath Isabelle/Isa Sylvie Catherine/Cathy Françoise/Fanfan Christine/Cricri Valérie/Val"
        " Sandrine Stéphanie/Steph"
        " Véronique/Véro Élisabeth/Babeth Céline Julie Aurélie Émilie Dominique/Dom Hélène Léa Chloé Anne-Marie Marie-Claude"
        " Corinne Brigitte Monique Delphine/Delph Camille Laurence Joséphine/José Patricia/Pat Florence/Flo Élodie Mathilde"
        " Agnès Solène Margaux Bénédicte/Béné",
        "Jean Philippe/Phil Michel Alain Patrick Nicolas/Nico Christophe/Chris Pierre Christian Éric Frédéric/Fred Laurent"
        " Stéphane/Steph David Pascal Daniel/Dany Alexandre/Alex Thierry/Titi Olivier Julien/Juju Sébastien/Seb"
        " Bernard Gérard"
        " François Maxime/Max Vincent/Vince Benoît Jérôme Guillaume/Guigui Jean-Pierre Jean-Luc Étienne Rémi Grégoire/Greg"
        " Mathieu/Mat Gaël Antoine/Tonio Théo Loïc Emmanuel/Manu",
        "Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon Michel Lefèvre Leroy Roux"
        " David Bertrand Morel"
        " Fournier Girard Bonnet Dupont Lambert Fontaine Rousseau Vincent Müller Lefebvre Faure André Mercier Blanc"
        " Guérin Boyer"
        " Garnier Chevalier François Legrand Gauthier Garcia Perrin Robin Clément Morin Nicolas Henry Roussel Mathieu"
        " Gautier"
        " Masson Marchand Duval Denis Dumont Marie Lemaire Noël Meyer Dufour Meunier Brun Blanchard Giraud Joly"
        " Rivière Lucas"
        " Brunet Gaillard Barbier Arnaud Martinez Gérard Roche Renard Schmitt Roy Leroux Colin Vidal Caron Picard",
        ("Beau Mont Bel Font Roche Champ Clair Val Grand Haut Mal Bois Pont Neuf Court Ville Mor Gal Char Bon Cour Lan Mar",
         "mont court ville ard ois in eau ier get lin not dier bert ray"),
        "Paris|750##|1; Marseille|130##|4; Lyon|6900#|4; Toulouse|31#00|5; Nice|06#00|4; Nantes|44#00|2; Strasbourg|67#00|3;"
        " Bordeaux|33#00|5; Lille|59#00|3; Rennes|35#00|2; Angers|49#00|2; Besançon|25#00|3; Nîmes|30#00|4",
        ("de_la_République de_l'Église du_Moulin Victor_Hugo Jean_Jaurès Pasteur des_Écoles de_la_Gare du_Château"
         " de_la_Mairie"
         " des_Lilas Gambetta de_Verdun du_Stade des_Acacias Jules_Ferry de_la_Paix du_Lavoir Voltaire Émile_Zola"
         " des_Tilleuls de_la_Fontaine des_Roses Molière de_la_Liberté du_Général_Leclerc Saint-Martin du_Port",
         "#_rue_~ #_avenue_~ #_boulevard_~ #_impasse_~ #_place_~"),
        _LATIN_COINED,
        "Bâtiment Conseil Transports Immobilier Électricité Plomberie Menuiserie Boulangerie Imprimerie Informatique"
        " Ingénierie"
        " Distribution Automobiles Paysages Voyages Éditions Énergies Restauration Services Solutions International"
        " Compagnie"
        " Développement Maçonnerie Textiles Optique Systèmes Groupe Design Santé",
        "~ SARL | ~ S.A.R.L. | SARL ~ | ~ Société à responsabilité limitée; ~ SAS | ~ S.A.S. | SAS ~; ~ SA | ~ S.A. |"
        " ~ Société"
        " anonyme; ~ EURL | EURL ~",
        "et", "Fils",
    ),
    Locale(
        "ES", "Spain", "España", "34", "", "600 610 620 650 660 690",
        "María Carmen/Maica Ana Isabel/Isa Dolores/Lola Pilar/Pili Teresa/Tere Josefa/Pepa Francisca/Paqui"
        " Antonia/Toñi Laura Cristina/Cris"
        " Marta Concepción/Concha Rosario/Charo Mercedes/Merche Raquel Lucía Beatriz/Bea Elena Silvia Patricia/Patri"
        " Rosa_María"
        " Ángela Yolanda/Yoli Montserrat/Montse Sofía Alejandra/Ale Inmaculada/Inma Nuria Inés Consuelo/Chelo Irene Rocío",
        "Antonio/Toño Manuel/Manolo José/Pepe Francisco/Paco David Juan Javier/Javi Daniel/Dani Carlos Jesús/Chus"
        " Alejandro/Álex"
        " Miguel Rafael/Rafa Pedro Ángel Pablo Fernando/Fer Sergio Jorge Luis Alberto/Berto Álvaro Adrián Diego"
        " Ignacio/Nacho"
        " Raúl Enrique/Quique Eduardo/Edu Santiago/Santi Joaquín/Quino Vicente/Vicen Guillermo/Guille Ramón/Moncho José_Luis"
        " Juan_Carlos Andrés Gonzalo Rubén",
        "García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Martín Jiménez Hernández Ruiz Díaz"
        " Moreno Muñoz Álvarez"
        " Romero Gutiérrez Alonso Navarro Torres Domínguez Ramos Vázquez Ramírez Gil Serrano Morales Molina Blanco"
        " Suárez Castro"
        " Ortega Delgado Ortiz Marín Rubio Núñez Medina Sanz Castillo Iglesias Cortés Garrido Santos Guerrero Lozano"
        " Cano Cruz"
        " Méndez Flores Prieto Herrera Peña León Márquez Cabrera Gallego Calvo Vidal Campos Reyes Vega Fuentes Carrasco Diez"
        " Aguilar Caballero Nieto Santana Vargas Pascual Herrero Montero Hidalgo Giménez Ibáñez Ferrer Durán",
        ("Monte Val Torre Campo Riba Villa Fuente Casa Agui Bel Mira Alta Peña Olmo Rosa Santa Mar Cerra Pala Escu Quin Bus",
         "grande verde negra mayor rubia nueva dero tero lejo zábal gorri mendi coa llana"),
        "Madrid|280##|91; Barcelona|080##|93; Valencia|460##|96; Sevilla|410##|95; Zaragoza|500##|976; Málaga|290##|952;"
        " Murcia|300##|968; Bilbao|480##|94; Alicante|030##|965; Córdoba|140##|957; Valladolid|470##|983; A"
        " Coruña|150##|981",
        ("Mayor Real Nueva de_la_Iglesia del_Sol de_la_Constitución San_José San_Juan Cervantes Goya Velázquez"
         " del_Carmen de_España"
         " Colón de_Andalucía de_la_Paz Santa_María del_Prado de_la_Fuente Alcalá de_los_Olivos del_Mar Ramón_y_Cajal"
         " Miguel_Hernández San_Antonio de_Aragón de_la_Libertad del_Molino",
         "Calle_~,_# Avenida_~,_# Plaza_~,_# Paseo_~,_#"),
        _LATIN_COINED,
        "Construcciones Consultores Transportes Inmobiliaria Electricidad Instalaciones Carpintería Panadería"
        " Imprenta Informática"
        " Ingeniería Distribuciones Automóviles Jardines Viajes Editorial Energía Hostelería Servicios Soluciones"
        " International"
        " Compañía Hermanos Textiles Conservas Bodegas Sistemas Grupo Asesores Talleres",
        "~ S.L. | ~ SL | ~ Sociedad Limitada; ~ S.A. | ~ SA | ~ Sociedad Anónima; ~ S.L.U. | ~ SLU",
        "y", "Hijos",
    ),
    Locale(
        "IT", "Italy", "Italia", "39", "", "320 328 333 338 347 349",
        "Maria Anna Giuseppina/Pina Rosa Angela Giovanna/Gianna Teresa/Teresina Lucia Carmela/Lina Caterina/Rina"
        " Francesca/Franci Laura"
        " Antonella/Anto Elisabetta/Betta Paola Daniela/Dani Alessandra/Ale Giulia Chiara Valentina/Vale"
        " Federica/Fede Silvia"
        " Margherita/Rita Barbara Simona/Simo Roberta/Robi Martina Elena Patrizia Stefania/Stefi Sara Ilaria"
        " Beatrice/Bea Ginevra",
        "Giuseppe/Beppe Antonio/Tonino Giovanni/Gianni Mario Luigi/Gigi Francesco/Franco Angelo Vincenzo/Enzo Pietro"
        " Salvatore/Totò"
        " Carlo Franco Domenico/Mimmo Bruno Paolo Michele Giorgio Marco Alessandro/Sandro Andrea Luca Roberto/Robi"
        " Stefano/Ste"
        " Matteo/Teo Lorenzo/Renzo Gabriele/Lele Riccardo/Ricky Davide Federico/Fede Raffaele/Lello Niccolò/Nico"
        " Filippo/Pippo"
        " Emanuele/Lele Gianluca Claudio Massimo Maurizio Edoardo/Edo",
        "Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti De_Luca Mancini"
        " Costa Giordano Rizzo"
        " Lombardi Moretti Barbieri Fontana Santoro Mariani Rinaldi Caruso Ferrara Galli Martini Leone Longo Gentile"
        " Martinelli"
        " Vitale Lombardo Serra Coppola De_Santis D'Angelo Marchetti Parisi Villa Conte Ferraro Ferri Fabbri Bianco Marini"
        " Grasso Valentini Messina Sala De_Angelis Gatti Pellegrini Palumbo Sanna Farina Rizzi Monti Cattaneo Morelli Amato"
        " Silvestri Mazza Testa Grassi Pellegrino Carbone Giuliani Benedetti Barone Rossetti Caputo Montanari Guerra"
        " Palmieri",
        ("Bella Monte Castel Campo Fonta Torre Casa Gra Pan Sal Bar Tor Cor Fer Bal Mon Ven Pel Cer Man Zan Gar",
         "novi vecchi netti rini dini tani bardi zoni celli lotti ghini etta olo ardi"),
        "Milano|201##|02; Roma|001##|06; Napoli|801##|081; Torino|101##|011; Palermo|901##|091; Genova|161##|010;"
        " Bologna|401##|051; Firenze|501##|055; Bari|701##|080; Verona|371##|045; Padova|351##|049; Trieste|341##|040",
        ("Roma Garibaldi Mazzini Dante Cavour Verdi Marconi Matteotti Vittorio_Emanuele Italia Trieste Milano Venezia"
         " Manzoni Leopardi"
         " Galilei Colombo Gramsci della_Libertà San_Francesco della_Repubblica dei_Mille Carducci Puccini delle_Rose"
         " San_Martino IV_Novembre della_Stazione",
         "Via_~_# Viale_~_# Corso_~_# Piazza_~_#"),
        _LATIN_COINED,
        "Costruzioni Consulenza Trasporti Immobiliare Impianti Falegnameria Tipografia Informatica Ingegneria"
        " Distribuzione Auto Viaggi"
        " Edizioni Energia Ristorazione Servizi Soluzioni International Fratelli Tessuti Ottica Sistemi Gruppo"
        " Officine Arredi"
        " Vini Ceramiche Moda Alimentari Meccanica",
        "~ S.r.l. | ~ Srl | ~ Società a responsabilità limitata; ~ S.p.A. | ~ SpA | ~ Società per azioni; ~ S.n.c. | ~ Snc |"
        " ~ Società in nome collettivo",
        "e", "Figli",
    ),
    Locale(
        "NL", "Netherlands", "Nederland", "31", "0", "610 612 620 625 640 653",
        "Maria/Ria Johanna/Joke Anna/Anneke Cornelia/Corrie Elisabeth/Bep Catharina/Toos Wilhelmina/Willie"
        " Hendrika/Riek Margaretha/Greet"
        " Petronella/Nel Jacoba/Coba Sanne Emma Julia Lotte Fleur Femke Ingrid Marieke Annemieke/Mieke Esther Linda Monique"
        " Saskia Daniëlle Mariëlle Loes Renée Geertruida/Truus Anouk",
        "Johannes/Jan Cornelis/Kees Hendrik/Henk Willem/Wim Pieter/Piet Jacobus/Koos Gerrit Adrianus/Ad Antonius/Ton"
        " Petrus/Piet Marinus/Rinus"
        " Daan Sem Lucas/Luuk Bram Thijs Ruben Jeroen Marcel Martijn Sander Bart Dennis Erik Maarten Theodorus/Theo"
        " Lambertus/Bert"
        " Leonardus/Leo Franciscus/Frans Bernardus/Ben",
        "de_Jong Jansen de_Vries van_den_Berg van_Dijk Bakker Janssen Visser Smit Meijer de_Boer Mulder de_Groot Bos"
        " Vos Peters Hendriks"
        " van_Leeuwen Dekker Brouwer de_Wit Dijkstra Smits de_Graaf van_der_Meer van_der_Linden Kok Jacobs de_Haan Vermeulen"
        " van_den_Heuvel van_der_Veen van_den_Broek de_Bruijn de_Bruin van_der_Heijden Schouten van_Beek Willems van_Vliet"
        " van_de_Ven Hoekstra Maas Verhoeven Koster van_Dam van_der_Wal Prins Blom Huisman Peeters Kuipers van_Veen"
        " Kuiper Post",
        ("Hoog Groen Wester Ooster Noorder Zuider Berg Water Veld Bosch Molen Kerk Dijk Lind Eiken Ros Steen Zand Broek Hei",
         "man stra kamp huis berg hof veen wijk brink sma meijer horst"),
        "Amsterdam|10## @@|20; Rotterdam|30## @@|10; Den Haag|25## @@|70; Utrecht|35## @@|30; Eindhoven|56## @@|40;"
        " Groningen|97## @@|50; Tilburg|50## @@|13; Breda|48## @@|76; Nijmegen|65## @@|24; Maastricht|62## @@|43",
        ("Kerk Dorps School Molen Nieuw Beatrix Wilhelmina Juliana Hoofd Oranje Emma Prins_Hendrik Rembrandt Vondel"
         " Beuken Eiken Linden"
         " Station Tuin Markt Haven Wilgen Water Nassau Kastanje Berken Berg Klooster",
         "~straat_# ~weg_# ~laan_# ~plein_# ~kade_#"),
        _LATIN_COINED,
        "Bouw Advies Transport Vastgoed Elektrotechniek Installatie Timmerwerken Bakkerij Drukkerij Software Techniek"
        " Handel Autobedrijf"
        " Hoveniers Reizen Uitgeverij Energie Horeca Services Solutions International Gebroeders Textiel Systemen"
        " Groep Makelaars"
        " Schilders Logistiek Kwekerij Metaal",
        "~ B.V. | ~ BV | ~ Besloten Vennootschap; ~ N.V. | ~ NV | ~ Naamloze Vennootschap; ~ V.O.F. | ~ VOF",
        "en", "Zonen",
    ),
    Locale(
        "PL", "Poland", "Polska", "48", "", "501 512 600 602 660 790",
        "Anna/Ania Maria/Marysia Katarzyna/Kasia Małgorzata/Gosia Agnieszka/Aga Krystyna/Krysia Barbara/Basia"
        " Ewa/Ewka Elżbieta/Ela Zofia/Zosia"
        " Janina/Janka Teresa/Renia Joanna/Asia Magdalena/Magda Monika Jadwiga/Jadzia Danuta/Danka Irena/Irka Halina/Hala"
        " Helena/Hela Beata Aleksandra/Ola Marta Dorota/Dorotka Natalia Justyna Karolina/Karola Urszula/Ula Paulina Sylwia",
        "Jan/Janek Andrzej/Jędrek Piotr/Piotrek Krzysztof/Krzysiek Stanisław/Staszek Tomasz/Tomek Paweł Józef/Józek"
        " Marcin Marek Michał/Misiek"
        " Grzegorz/Grzesiek Jerzy/Jurek Tadeusz/Tadek Adam Łukasz Zbigniew/Zbyszek Ryszard/Rysiek Dariusz/Darek"
        " Henryk/Heniek"
        " Mariusz/Mario Kazimierz/Kazik Wojciech/Wojtek Robert Mateusz Marian Rafał Jacek Janusz Mirosław/Mirek"
        " Sławomir/Sławek",
        "Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Szymański Woźniak Dąbrowski"
        " Kozłowski Jankowski Mazur"
        " Kwiatkowski Krawczyk Piotrowski Grabowski Nowakowski Pawłowski Michalski Nowicki Adamczyk Dudek Zając Wieczorek"
        " Jabłoński Król Majewski Olszewski Jaworski Wróbel Malinowski Pawlak Witkowski Walczak Stępień Górski"
        " Rutkowski Michalak"
        " Sikora Ostrowski Baran Duda Szewczyk Tomaszewski Pietrzak Marciniak Wróblewski Zalewski Jakubowski Jasiński"
        " Zawadzki",
        ("Lip Brzez Dęb Jawor Wiś Sos Gór Pol Wod Bor Kal Jan Rad Sob Wal Krup Szym Mal Biel Czar Now Star Ost",
         "iński owski czyk czak ecki icki owicz acki ewski anek"),
        "Warszawa|0#-###|22; Kraków|30-###|12; Łódź|90-###|42; Wrocław|50-###|71; Poznań|60-###|61; Gdańsk|80-###|58;"
        " Szczecin|70-###|91; Lublin|20-###|81; Katowice|40-###|32; Białystok|15-###|85",
        ("Polna Leśna Słoneczna Krótka Szkolna Ogrodowa Lipowa Łąkowa Brzozowa Kwiatowa Kościelna Sosnowa Zielona"
         " Parkowa Akacjowa Mickiewicza"
         " Kościuszki Sienkiewicza Słowackiego Długa Nowa Wiosenna Klonowa Dębowa Spacerowa Piaskowa Ogrodnicza Sportowa"
         " Różana Chopina Kopernika Górna Stawowa",
         "ul._~_# al._~_# pl._~_#"),
        _LATIN_COINED,
        "Budownictwo Doradztwo Transport Nieruchomości Elektryka Instalacje Stolarstwo Piekarnia Drukarnia"
        " Informatyka Inżynieria Handel"
        " Motoryzacja Ogrody Turystyka Wydawnictwo Energia Gastronomia Usługi Rozwiązania International Meble"
        " Tekstylia Optyka"
        " Systemy Grupa Logistyka Okna Metal",
        "~ Sp. z o.o. | ~ Spółka z o.o. | ~ Spółka z ograniczoną odpowiedzialnością | ~ sp.zoo; ~ S.A. | ~ SA | ~ Spółka"
        " Akcyjna; ~ Sp. j. | ~ Spółka Jawna",
        "i", "Synowie",
        (("ski", "ska"), ("cki", "cka")),
    ),
    Locale(
        "SE", "Sweden", "Sverige", "46", "0", "70 72 73 76",
        "Anna/Ann Maria Margareta/Greta Elisabeth/Lisbeth Eva Kristina/Stina Birgitta/Gitta Karin/Kajsa Ingrid Marie"
        " Ulla Kerstin Linnéa/Nea"
        " Lena Sara Emma Katarina/Kattis Marianne Malin Jenny Monica Ebba Åsa Susanne/Sussi Annika Charlotte/Lotta"
        " Johanna/Hanna"
        " Viktoria/Vickan Alexandra/Alex Gunilla/Nilla Frida Josefin/Josse Märta Elin",
        "Lars/Lasse Karl/Kalle Anders Johan/Janne Per/Pelle Nils/Nisse Mikael/Micke Jan Erik Hans/Hasse Peter"
        " Olof/Olle Lennart/Lelle Gunnar Fredrik/Figge"
        " Sven Daniel/Danne Alexander/Alex Bengt Gustav/Gurra Göran Bo/Bosse Åke Magnus Martin Andreas Stefan/Steffe"
        " Thomas/Tompa"
        " Mats Leif Björn Jonas Christer/Krille Sebastian/Sebbe Håkan Oskar Viktor/Vigge Jörgen",
        "Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson Gustafsson Pettersson Jonsson"
        " Jansson Hansson Bengtsson"
        " Jönsson Lindberg Jakobsson Magnusson Lindström Olofsson Lindqvist Lindgren Berg Axelsson Bergström Lundberg"
        " Lind Lundgren"
        " Lundqvist Mattsson Berglund Fredriksson Sandberg Henriksson Forsberg Sjöberg Ali Wallin Engström Eklund Danielsson"
        " Lundin Håkansson Björk Bergman Gunnarsson Wikström Holm Samuelsson Isaksson Fransson Bergqvist Nyström Holmberg",
        ("Lind Berg Sand Lund Ek Björk Ny Wik Holm Sjö Ström Gran Hag Dal Fors Åker Öst Väst Norr Söder Hög Stål Rosen",
         "ström qvist gren berg lund man holm blad dahl mark stedt vall"),
        "Stockholm|11# ##|8; Göteborg|41# ##|31; Malmö|21# ##|40; Uppsala|75# ##|18; Västerås|72# ##|21; Örebro|70# ##|19;"
        " Linköping|58# ##|13; Helsingborg|25# ##|42; Umeå|90# ##|90; Luleå|97# ##|920",
        ("Stor Kyrk Skol Järnvägs Ring Björk Kungs Drottning Park Strand Ågat Skogs Ängs Sol Öster Väster Norra_Ny"
         " Södra_Lång Linné Kvarn"
         " Hamn Torg Äppel Blåbärs Lingon Ek Rönn Gran Vasa Gustav_Adolfs",
         "~gatan_# ~vägen_# ~stigen_# ~allén_#"),
        _LATIN_COINED,
        "Bygg Konsult Transport Fastigheter El VVS Snickeri Bageri Tryckeri Data Teknik Handel Bil Trädgård Resor"
        " Förlag Energi Restaurang"
        " Services Solutions International Textil Optik System Gruppen Redovisning Måleri Logistik Verkstad Åkeri",
        "~ AB | ~ Aktiebolag | AB ~ | ~ A.B.; ~ HB | ~ Handelsbolag; ~ KB | ~ Kommanditbolag",
        "och", "Söner",
    ),
    Locale(
        "GR", "Greece", "Ελλάδα", "30", "", "690 694 697 698",
        "Μαρία/Μαίρη Ελένη/Λένα Αικατερίνη/Κατερίνα Βασιλική/Βάσω Σοφία Αγγελική/Κική Γεωργία/Γωγώ Δήμητρα/Μιμή"
        " Κωνσταντίνα/Ντίνα Παρασκευή/Βούλα"
        " Άννα Ειρήνη/Ρένα Ευαγγελία/Λίτσα Ιωάννα Χριστίνα Αναστασία/Νατάσα Παναγιώτα/Γιώτα Καλλιόπη/Πόπη"
        " Θεοδώρα/Δώρα Αθανασία/Νάσια",
        "Γεώργιος/Γιώργος Κωνσταντίνος/Κώστας Ιωάννης/Γιάννης Δημήτριος/Δημήτρης Νικόλαος/Νίκος Παναγιώτης/Τάκης"
        " Βασίλειος/Βασίλης Χρήστος"
        " Αθανάσιος/Θανάσης Μιχαήλ/Μιχάλης Ευάγγελος/Βαγγέλης Σπυρίδων/Σπύρος Αντώνιος/Αντώνης Αναστάσιος/Τάσος"
        " Θεόδωρος/Θοδωρής"
        " Ανδρέας Εμμανουήλ/Μανώλης Στυλιανός/Στέλιος Πέτρος Αλέξανδρος/Αλέκος",
        "Παπαδόπουλος Βλάχος Αγγελόπουλος Νικολαΐδης Γεωργίου Οικονόμου Δημητρίου Παπαγεωργίου Χριστοδούλου"
        " Καραγιάννης Μακρής Ιωάννου"
        " Κωνσταντινίδης Αντωνίου Σταματόπουλος Παππάς Καραμανλής Αλεξίου Βασιλείου Μαυρίδης Λάμπρου Σαμαράς Δημόπουλος"
        " Θεοδωρόπουλος Γαλάνης Κόκκινος Ρήγας Ζαχαρίου Παναγιωτόπουλος Τσακίρης Σιδέρης Μυλωνάς Ράπτης",
        ("Καρα Παπα Χατζη Μαυρο Κοντο Μακρο Πετρο Γιαννο Δημο Νικο Σταυρο Λαμπρο Κυρια Αγγελο Αλεξ Θεο",
         "πουλος κης δης γιάννης νίδης νάκης κάκης μάτης"),
        "Αθήνα|10# ##|210; Θεσσαλονίκη|54# ##|2310; Πάτρα|26# ##|2610; Ηράκλειο|71# ##|2810; Λάρισα|41# ##|2410;"
        " Βόλος|38# ##|24210; Ιωάννινα|45# ##|26510",
        ("Ερμού Σταδίου Πανεπιστημίου Αθηνάς Σόλωνος Ακαδημίας Πατησίων Βενιζέλου Κολοκοτρώνη Αριστοτέλους Εγνατία"
         " Τσιμισκή Μεσογείων"
         " Κηφισίας Συγγρού Αγίου_Δημητρίου Παπανδρέου Ελευθερίας Δημοκρατίας Ομήρου Ιπποκράτους Αλεξάνδρας",
         "~_# Οδός_~_# Λεωφόρος_~_#"),
        ("Αιγ Ηλι Θαλ Αστ Κρητ Πελ Ολυμπ Νεφ Λευκ Χρυσ Αργ Δελφ Μεσ Βορ Ατλ Ωκε",
         "έας ιάς ερία ωνία άλια ίνη όρα ικόν ίων αία έλια άρος"),
        "Κατασκευές Σύμβουλοι Μεταφορές Ακίνητα Ηλεκτρολογικά Υδραυλικά Αρτοποιία Εκδόσεις Πληροφορική Τεχνική"
        " Εμπορική Αυτοκίνητα Τουρισμός"
        " Ενέργεια Εστίαση Υπηρεσίες Λύσεις Υφάσματα Οπτικά Συστήματα Όμιλος Τρόφιμα Έπιπλα Ναυτιλία",
        "~ Α.Ε. | ~ ΑΕ | ~ Ανώνυμη Εταιρεία; ~ Ε.Π.Ε. | ~ ΕΠΕ | ~ Εταιρεία Περιορισμένης Ευθύνης; ~ Ο.Ε. | ~ ΟΕ | ~"
        " Ομόρρυθμη"
        " Εταιρεία; ~ Ι.Κ.Ε. | ~ ΙΚΕ",
        "και", "Υιοί",
        (("πουλος", "πούλου"), ("ης", "η"), ("άς", "ά"), ("ός", "ού"), ("ος", "ου"), ("ας", "α")),
    ),
    Locale(
        "BG", "Bulgaria", "България", "359", "0", "87 88 89 98",
        "Мария/Мими Иванка/Ваня Елена/Елка Йорданка/Данче Пенка Виктория/Вики Александра/Сашка Радка Цветанка/Цеца"
        " Росица/Роси Десислава/Деси"
        " Надежда/Надя Маргарита/Марги Гергана/Гери Даниела/Дани Стефка Теодора/Тедя Силвия/Силви Анна/Ани"
        " Людмила/Люси Милена/Мила",
        "Георги/Жоро Иван/Ванко Димитър/Митко Николай/Ники Петър/Пешо Христо/Ицо Александър/Сашо Йордан/Данчо"
        " Васил/Васко Стефан/Фецо Тодор/Тошо"
        " Стоян/Стенли Мартин/Марто Красимир/Краси Атанас/Наско Ангел Кирил/Киро Пламен Борис/Боко Емил/Емо"
        " Любомир/Любо Валентин/Вальо",
        "Иванов Георгиев Димитров Петров Николов Стоянов Христов Тодоров Илиев Ангелов Василев Атанасов Петков Колев"
        " Йорданов Маринов"
        " Стефанов Попов Костов Кирилов Александров Павлов Митев Симеонов Цветков Михайлов Марков Антонов Кръстев"
        " Добрев Минчев"
        " Велев Божинов Златев Радев Русев Тонев Янев Пенев Рангелов",
        ("Бож Вел Драг Злат Кал Люб Мил Рад Рус Слав Стан Тон Чав Ян Мор Гор",
         "анов ев инов чев ков ойков илов даров"),
        "София|1###|2; Пловдив|40##|32; Варна|90##|52; Бургас|80##|56; Русе|70##|82; Стара Загора|60##|42; Плевен|58##|64;"
        " Велико Търново|50##|62",
        ("Витоша Раковски Граф_Игнатиев Васил_Левски Христо_Ботев Цар_Борис_III Шипка Иван_Вазов Опълченска"
         " Цар_Симеон Александър_Стамболийски"
         " Княз_Борис_I Патриарх_Евтимий Оборище Пиротска Солунска Гладстон Родопи Марица Дунав Тракия Стара_планина",
         "ул._~_# бул._~_# пл._~_#"),
        ("Род Вит Пир Балк Трак Миз Ард Струм Мар Янт Розов Злат Сребр Слънч Бел Син",
         "опа оша ин ания ия ова еста ица ара евит олин екс"),
        "Строй Консулт Транспорт Имоти Електро Инсталации Мебели Хляб Печат Софтуер Инженеринг Търговия Авто Градини"
        " Турс Издателство Енергия"
        " Ресторанти Услуги Решения Текстил Оптика Системи Груп Логистика Вино Агро Метал",
        "~ ООД | ~ Дружество с ограничена отговорност | ~ О.О.Д.; ~ ЕООД | ~ Е.О.О.Д.; ~ АД | ~ Акционерно дружество;"
        " ЕТ ~ | ~"
        " ЕТ",
        "и", "Синове",
        (("ов", "ова"), ("ев", "ева"), ("ин", "ина")),
    ),
    Locale(
        "JP", "Japan", "日本", "81", "0", "70 80 90",
        "陽子=Yoko 久美子=Kumiko 恵子=Keiko 由美子=Yumiko 美咲=Misaki 裕子=Yuko 智子=Tomoko 直美=Naomi 真由美=Mayumi"
        " 洋子=Hiroko 幸子=Sachiko 和子=Kazuko"
        " 明美=Akemi 結衣=Yui 愛=Ai 彩=Aya 麻衣=Mai 千尋=Chihiro 美穂=Miho 香織=Kaori 優子=Yuko 京子=Kyoko"
        " 節子=Setsuko 葵=Aoi 七海=Nanami 桜=Sakura"
        " 静香=Shizuka 美和=Miwa",
        "健一=Kenichi 浩=Hiroshi 誠=Makoto 隆=Takashi 修=Osamu 大輔=Daisuke 翔太=Shota 健太=Kenta 拓也=Takuya"
        " 和也=Kazuya 直樹=Naoki 哲也=Tetsuya"
        " 茂=Shigeru 豊=Yutaka 正=Tadashi 清=Kiyoshi 大翔=Hiroto 蓮=Ren 悠斗=Yuto 一郎=Ichiro 太郎=Taro 亮=Ryo"
        " 剛=Tsuyoshi 聡=Satoshi 秀樹=Hideki"
        " 達也=Tatsuya 雄大=Yudai 勇=Isamu",
        "佐藤=Sato 鈴木=Suzuki 高橋=Takahashi 田中=Tanaka 伊藤=Ito 渡辺=Watanabe 山本=Yamamoto 中村=Nakamura"
        " 小林=Kobayashi 加藤=Kato 吉田=Yoshida"
        " 山田=Yamada 佐々木=Sasaki 山口=Yamaguchi 松本=Matsumoto 井上=Inoue 木村=Kimura 林=Hayashi 斎藤=Saito"
        " 清水=Shimizu 山崎=Yamazaki 森=Mori"
        " 池田=Ikeda 橋本=Hashimoto 阿部=Abe 石川=Ishikawa 山下=Yamashita 中島=Nakajima 石井=Ishii 小川=Ogawa"
        " 前田=Maeda 岡田=Okada 長谷川=Hasegawa"
        " 藤田=Fujita 後藤=Goto 近藤=Kondo 村上=Murakami 遠藤=Endo 青木=Aoki 坂本=Sakamoto 福田=Fukuda 太田=Ota"
        " 西村=Nishimura 藤井=Fujii 岡本=Okamoto",
        ("大=O 小=Ko 上=Ue 中=Naka 北=Kita 南=Minami 東=Higashi 西=Nishi 高=Taka 松=Matsu 竹=Take 杉=Sugi 石=Ishi"
         " 森=Mori 岩=Iwa 金=Kane",
         "田=da 川=kawa 村=mura 島=jima 野=no 原=hara 沢=zawa 崎=zaki 本=moto 木=gi 谷=tani 山=yama"),
        "東京都千代田区|10#-00##|3; 大阪市北区|53#-00##|6; 名古屋市中区|46#-00##|52; 札幌市中央区|06#-00##|11;"
        " 福岡市博多区|81#-00##|92;"
        " 横浜市西区|22#-00##|45; 京都市中京区|60#-80##|75; 仙台市青葉区|98#-08##|22; 神戸市中央区|65#-00##|78",
        ("本町 栄 中央 大手町 旭町 緑町 桜木町 元町 幸町 泉 若葉台 松原 富士見 東町 西町 南 北町 宮前 青葉 日の出町"
         " 新町 港町 川端 山手 朝日",
         "~1-# ~2-# ~3-# ~4-#"),
        ("東=To 北=Hoku 日=Nichi 光=Ko 新=Shin 大=Dai 三=San 富士=Fuji 桜=Sakura 青=Ao 明=Mei 和=Wa 松=Sho 旭=Asahi"
         " 瑞=Zui 興=Ko",
         "和=wa 洋=yo 栄=ei 光=ko 陽=yo 進=shin 誠=sei 成=sei 星=sei 建=ken 友=yu 産=san"),
        "建設=kensetsu 商事=shoji 工業=kogyo 運輸=unyu 不動産=fudosan 電機=denki 設備=setsubi 製菓=seika 印刷=insatsu"
        " システム=system 技研=giken 物産=bussan"
        " 自動車=jidosha 造園=zoen 観光=kanko 出版=shuppan エネルギー=energy 食品=shokuhin サービス=service 繊維=seni"
        " 精機=seiki 薬品=yakuhin 製作所=seisakusho",
        "株式会社~ | (株)~ | ㈱~ | ~株式会社; 有限会社~ | (有)~ | ㈲~; 合同会社~ | (同)~",
        "・", "兄弟",
        family_first=True, is_spaced=False,
    ),
]  # fmt: skip
COMMON_BUSINESS = _COMMON.split()
