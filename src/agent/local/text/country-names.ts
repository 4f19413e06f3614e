/**
 * Countries as people write them, one a line: ISO code | name; other names | what its people and
 * things are called | places in it that are named in its stead.
 */
export const COUNTRY_NAMES = `
AD|Andorra|Andorran|
AE|United Arab Emirates; UAE; Emirates|Emirati|Dubai, Abu Dhabi, Sharjah
AF|Afghanistan|Afghan|Kabul
AG|Antigua and Barbuda|Antiguan|
AI|Anguilla||
AL|Albania|Albanian|Tirana
AM|Armenia|Armenian|Yerevan
AO|Angola|Angolan|Luanda
AQ|Antarctica||
AR|Argentina|Argentine, Argentinian|Buenos Aires, Rosario
AS|American Samoa||
AT|Austria|Austrian|Vienna, Graz, Linz, Salzburg, Innsbruck
AU|Australia|Australian|Sydney, Melbourne, Brisbane, Perth, Adelaide, Canberra, New South Wales, Queensland
AW|Aruba|Aruban|
AX|Aland Islands; Åland||
AZ|Azerbaijan|Azerbaijani, Azeri|Baku
BA|Bosnia and Herzegovina; Bosnia|Bosnian|Sarajevo
BB|Barbados|Barbadian|
BD|Bangladesh|Bangladeshi|Dhaka
BE|Belgium|Belgian|Brussels, Antwerp, Ghent, Leuven, Flanders, Wallonia
BF|Burkina Faso|Burkinabe|Ouagadougou
BG|Bulgaria|Bulgarian|Sofia, Plovdiv
BH|Bahrain|Bahraini|Manama
BI|Burundi|Burundian|
BJ|Benin|Beninese|Cotonou
BL|Saint Barthelemy||
BM|Bermuda|Bermudian|
BN|Brunei; Brunei Darussalam|Bruneian|
BO|Bolivia; Plurinational State of Bolivia|Bolivian|La Paz
BQ|Caribbean Netherlands; Bonaire, Sint Eustatius and Saba||
BR|Brazil; Brasil|Brazilian|São Paulo, Rio de Janeiro, Belo Horizonte, Brasilia, Curitiba, Porto Alegre, Florianopolis
BS|Bahamas; The Bahamas|Bahamian|Nassau
BT|Bhutan|Bhutanese|
BV|Bouvet Island||
BW|Botswana||Gaborone
BY|Belarus|Belarusian|Minsk
BZ|Belize|Belizean|
CA|Canada|Canadian|Toronto, Vancouver, Montreal, Ottawa, Calgary, Edmonton, Quebec, Ontario, British Columbia, Alberta
CC|Cocos (Keeling) Islands; Cocos Islands; Keeling Islands||
CD|DR Congo; Democratic Republic of the Congo; Congo-Kinshasa; Congo (Democratic Republic of the)||Kinshasa
CF|Central African Republic||Bangui
CG|Republic of the Congo; Congo; Congo-Brazzaville||Brazzaville
CH|Switzerland|Swiss|Zurich, Geneva, Basel, Lausanne, Bern, Zug
CI|Ivory Coast; Côte d'Ivoire|Ivorian|Abidjan
CK|Cook Islands||
CL|Chile|Chilean|Valparaiso
CM|Cameroon|Cameroonian|Douala
CN|China; People's Republic of China; PRC|Chinese|Beijing, Shanghai, Shenzhen, Guangzhou, Hangzhou, Chengdu, Wuhan
CO|Colombia|Colombian|Bogota, Medellin, Cali
CR|Costa Rica|Costa Rican|
CU|Cuba|Cuban|Havana
CV|Cape Verde; Cabo Verde|Cape Verdean|
CW|Curacao||
CX|Christmas Island||
CY|Cyprus|Cypriot|Nicosia, Limassol
CZ|Czechia; Czech Republic|Czech|Prague, Brno
DE|Germany; Federal Republic of Germany|German|Berlin, Munich, Hamburg, Frankfurt, Cologne, Stuttgart, Düsseldorf, Leipzig, Dresden, Bavaria
DJ|Djibouti|Djiboutian|
DK|Denmark|Danish|Copenhagen, Aarhus, Odense
DM|Dominica||
DO|Dominican Republic||Santo Domingo
DZ|Algeria|Algerian|Algiers
EC|Ecuador|Ecuadorian|Quito, Guayaquil
EE|Estonia|Estonian|Tallinn, Tartu
EG|Egypt|Egyptian|Cairo, Alexandria
EH|Western Sahara|Sahrawi|
ER|Eritrea|Eritrean|Asmara
ES|Spain|Spanish|Madrid, Barcelona, Seville, Bilbao, Malaga, Catalonia
ET|Ethiopia|Ethiopian|Addis Ababa
FI|Finland|Finnish|Helsinki, Espoo, Tampere, Oulu, Turku
FJ|Fiji; Fiji Islands|Fijian|Suva
FK|Falkland Islands; Falkland Islands (Malvinas); Malvinas||
FM|Micronesia; Federated States of Micronesia|Micronesian|
FO|Faroe Islands|Faroese|
FR|France|French|Paris, Lyon, Marseille, Toulouse, Bordeaux, Nantes, Lille, Grenoble, Brittany
GA|Gabon|Gabonese|Libreville
GB|United Kingdom; UK; Great Britain; Britain; U.K.|British, English, Scottish, Welsh|London, Manchester, Edinburgh, Oxford, Bristol, Glasgow, Leeds, Liverpool, Belfast, Cardiff, England, Scotland, Wales, Northern Ireland
GD|Grenada|Grenadian|
GE|Georgia||Tbilisi
GF|French Guiana||
GG|Guernsey||
GH|Ghana|Ghanaian|Accra
GI|Gibraltar||
GL|Greenland|Greenlandic|Nuuk
GM|Gambia; The Gambia|Gambian|Banjul
GN|Guinea|Guinean|Conakry
GP|Guadeloupe||
GQ|Equatorial Guinea|Equatoguinean|
GR|Greece|Greek|Athens, Thessaloniki
GS|South Georgia; South Georgia and the South Sandwich Islands||
GT|Guatemala|Guatemalan|
GU|Guam|Guamanian|
GW|Guinea-Bissau||
GY|Guyana|Guyanese|
HK|Hong Kong||
HM|Heard Island and McDonald Islands||
HN|Honduras|Honduran|Tegucigalpa
HR|Croatia|Croatian|Zagreb
HT|Haiti|Haitian|Port-au-Prince
HU|Hungary|Hungarian|Budapest
ID|Indonesia|Indonesian|Jakarta, Bandung, Surabaya, Bali
IE|Ireland; Republic of Ireland|Irish|Dublin, Galway
IL|Israel|Israeli|Tel Aviv, Jerusalem, Haifa, Herzliya
IM|Isle of Man|Manx|
IN|India|Indian|Bangalore, Bengaluru, Mumbai, Delhi, New Delhi, Hyderabad, Chennai, Pune, Kolkata, Gurgaon, Gurugram, Noida
IO|British Indian Ocean Territory||
IQ|Iraq|Iraqi|Baghdad
IR|Iran; Islamic Republic of Iran|Iranian|Tehran
IS|Iceland|Icelandic|Reykjavik
IT|Italy|Italian|Milan, Rome, Turin, Naples, Bologna, Florence
JE|Jersey||
JM|Jamaica|Jamaican|
JO|Jordan|Jordanian|Amman
JP|Japan|Japanese|Tokyo, Osaka, Kyoto, Nagoya, Fukuoka
KE|Kenya|Kenyan|Nairobi, Mombasa
KG|Kyrgyzstan|Kyrgyz|Bishkek
KH|Cambodia|Cambodian|Phnom Penh
KI|Kiribati||
KM|Comoros|Comorian|
KN|Saint Kitts and Nevis||
KP|North Korea; Democratic People's Republic of Korea; DPRK|North Korean|Pyongyang
KR|South Korea; Republic of Korea|Korean, South Korean, Korea|Seoul, Busan
KW|Kuwait|Kuwaiti|
KY|Cayman Islands||
KZ|Kazakhstan|Kazakh, Kazakhstani|Almaty, Astana
LA|Laos; Lao People's Democratic Republic|Laotian, Lao|Vientiane
LB|Lebanon|Lebanese|Beirut
LC|Saint Lucia||
LI|Liechtenstein||Vaduz
LK|Sri Lanka|Sri Lankan|Colombo
LR|Liberia|Liberian|Monrovia
LS|Lesotho||
LT|Lithuania|Lithuanian|Vilnius, Kaunas
LU|Luxembourg|Luxembourgish|
LV|Latvia|Latvian|Riga
LY|Libya; Libyan Arab Jamahiriya|Libyan|Tripoli
MA|Morocco|Moroccan|Casablanca, Rabat, Marrakesh
MC|Monaco|Monegasque|
MD|Moldova; Republic of Moldova|Moldovan|Chisinau
ME|Montenegro|Montenegrin|Podgorica
MF|Saint Martin; Saint Martin (French part)||
MG|Madagascar|Malagasy|Antananarivo
MH|Marshall Islands|Marshallese|
MK|North Macedonia; Macedonia; Former Yugoslav Republic of Macedonia|Macedonian|Skopje
ML|Mali|Malian|Bamako
MM|Myanmar; Burma|Burmese|Yangon
MN|Mongolia|Mongolian|Ulaanbaatar
MO|Macau; Macao|Macanese|
MP|Northern Mariana Islands||
MQ|Martinique||
MR|Mauritania|Mauritanian|
MS|Montserrat||
MT|Malta|Maltese|Valletta
MU|Mauritius|Mauritian|
MV|Maldives|Maldivian|
MW|Malawi|Malawian|Lilongwe
MX|Mexico|Mexican|Mexico City, Guadalajara, Monterrey
MY|Malaysia|Malaysian|Kuala Lumpur, Penang
MZ|Mozambique|Mozambican|Maputo
NA|Namibia|Namibian|Windhoek
NC|New Caledonia||
NE|Niger|Nigerien|Niamey
NF|Norfolk Island||
NG|Nigeria|Nigerian|Lagos, Abuja
NI|Nicaragua|Nicaraguan|Managua
NL|Netherlands; The Netherlands; Holland|Dutch|Amsterdam, Rotterdam, Eindhoven, Utrecht, The Hague, Delft
NO|Norway|Norwegian|Oslo, Bergen, Trondheim, Stavanger
NP|Nepal|Nepalese, Nepali|Kathmandu
NR|Nauru|Nauruan|
NU|Niue||
NZ|New Zealand; NZ; Aotearoa|New Zealander, Kiwi|Auckland, Wellington, Christchurch
OM|Oman|Omani|Muscat
PA|Panama|Panamanian|
PE|Peru|Peruvian|Lima
PF|French Polynesia||Tahiti
PG|Papua New Guinea|Papua New Guinean|Port Moresby
PH|Philippines|Filipino, Philippine|Manila, Cebu
PK|Pakistan|Pakistani|Karachi, Lahore, Islamabad
PL|Poland|Polish|Warsaw, Krakow, Wroclaw, Gdansk, Poznan
PM|Saint Pierre and Miquelon||
PN|Pitcairn Islands; Pitcairn||
PR|Puerto Rico|Puerto Rican|
PS|Palestine; State of Palestine; Palestinian Territory; Palestinian Territories|Palestinian|Gaza, Ramallah
PT|Portugal|Portuguese|Lisbon, Porto
PW|Palau|Palauan|
PY|Paraguay|Paraguayan|
QA|Qatar|Qatari|Doha
RE|Reunion|Réunionese|
RO|Romania|Romanian|Bucharest, Cluj, Cluj-Napoca
RS|Serbia|Serbian|Belgrade, Novi Sad
RU|Russia; Russian Federation|Russian|Moscow, Saint Petersburg
RW|Rwanda|Rwandan|Kigali
SA|Saudi Arabia; KSA|Saudi, Saudi Arabian|Riyadh, Jeddah
SB|Solomon Islands||
SC|Seychelles|Seychellois|
SD|Sudan|Sudanese|Khartoum
SE|Sweden|Swedish|Stockholm, Gothenburg, Malmö, Uppsala
SG|Singapore|Singaporean|
SH|Saint Helena; Saint Helena, Ascension and Tristan da Cunha||
SI|Slovenia|Slovenian, Slovene|Ljubljana
SJ|Svalbard and Jan Mayen||
SK|Slovakia; Slovak Republic|Slovak, Slovakian|Bratislava
SL|Sierra Leone|Sierra Leonean|Freetown
SM|San Marino|Sammarinese|
SN|Senegal|Senegalese|Dakar
SO|Somalia|Somali|Mogadishu
SR|Suriname|Surinamese|
SS|South Sudan|South Sudanese|Juba
ST|São Tomé and Príncipe; Sao Tome and Principe||
SV|El Salvador|Salvadoran|San Salvador
SX|Sint Maarten; Sint Maarten (Dutch part)||
SY|Syria; Syrian Arab Republic|Syrian|Damascus
SZ|Eswatini; Swaziland|Swazi|
TC|Turks and Caicos Islands||
TD|Chad|Chadian|
TF|French Southern and Antarctic Lands; French Southern Territories; French Southern territories||
TG|Togo|Togolese|
TH|Thailand|Thai|Bangkok, Chiang Mai, Phuket
TJ|Tajikistan|Tajik|
TK|Tokelau||
TL|Timor-Leste; East Timor|Timorese|Dili
TM|Turkmenistan|Turkmen|
TN|Tunisia|Tunisian|Tunis
TO|Tonga|Tongan|
TR|Turkey; Türkiye|Turkish|Istanbul, Ankara, Izmir
TT|Trinidad and Tobago|Trinidadian|
TV|Tuvalu|Tuvaluan|
TW|Taiwan|Taiwanese|Taipei, Hsinchu
TZ|Tanzania; United Republic of Tanzania|Tanzanian|Dar es Salaam
UA|Ukraine|Ukrainian|Kyiv, Kiev, Lviv, Kharkiv, Odesa
UG|Uganda|Ugandan|Kampala
UM|United States Minor Outlying Islands||
US|United States; US; USA; U.S.; U.S.A.; United States of America; America|American|New York, San Francisco, Silicon Valley, Bay Area, Los Angeles, Boston, Seattle, Chicago, Austin, Denver, Atlanta, Miami, Houston, Dallas, San Diego, Philadelphia, Pittsburgh, Portland, Salt Lake City, Palo Alto, NYC, SF, Brooklyn, Washington DC, California, Texas, Florida, Massachusetts, Colorado, Utah, Virginia, Illinois, Ohio, Michigan, Pennsylvania, New Jersey, North Carolina, Minnesota, Arizona, Oregon, Nevada, Tennessee
UY|Uruguay|Uruguayan|Montevideo
UZ|Uzbekistan|Uzbek|Tashkent
VA|Vatican City; Holy See; Vatican; Vatican City State; Holy See (Vatican City State)||
VC|Saint Vincent and the Grenadines||
VE|Venezuela; Bolivarian Republic of Venezuela|Venezuelan|Caracas
VG|British Virgin Islands; Virgin Islands (British)||
VI|United States Virgin Islands; U.S. Virgin Islands; Virgin Islands (U.S.)||
VN|Vietnam; Viet Nam|Vietnamese|Hanoi, Ho Chi Minh City
VU|Vanuatu|Vanuatuan|
WF|Wallis and Futuna||
WS|Samoa|Samoan|
XK|Kosovo|Kosovar|Pristina
YE|Yemen|Yemeni|Sanaa
YT|Mayotte||
ZA|South Africa|South African|Cape Town, Johannesburg, Durban, Pretoria
ZM|Zambia|Zambian|Lusaka
ZW|Zimbabwe|Zimbabwean|Harare
`;

/** Parts of the world: name; other names | what is there | its members: codes, or names of parts. */
export const REGION_NAMES = `
Scandinavia|Scandinavian|DK SE NO
Nordics; Nordic countries; the Nordics; Nordic|Nordic|DK SE NO FI IS FO AX GL SJ
Baltics; Baltic states; Baltic countries|Baltic|EE LV LT
DACH; DACH region||DE AT CH
Benelux||BE NL LU
British Isles||GB IE IM JE GG
Iberia; Iberian Peninsula|Iberian|ES PT AD GI
CEE; Central and Eastern Europe|Central and Eastern European|PL CZ SK HU RO BG SI HR EE LV LT RS BA ME MK AL XK UA MD BY
Eastern Europe|Eastern European|PL CZ SK HU RO BG UA MD BY RU
Western Europe|Western European|FR DE NL BE LU AT CH LI MC GB IE
Southern Europe|Southern European|ES PT IT GR MT CY SM VA AD GI SI HR BA ME MK AL RS XK
Northern Europe|Northern European|DK SE NO FI IS FO AX EE LV LT GB IE IM JE GG SJ
Balkans|Balkan|AL BA BG HR ME MK RS XK GR SI
European Union; EU; E.U.||AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE
Europe|European|Nordics; Baltics; DACH; Benelux; British Isles; Iberia; CEE; Eastern Europe; Western Europe; Southern Europe; European Union; Balkans
Middle East; Near East; Mideast|Middle Eastern|AE BH CY EG IL IQ IR JO KW LB OM PS QA SA SY TR YE
GCC; Gulf states|Gulf|AE BH KW OM QA SA
North Africa; Northern Africa; Maghreb|North African|DZ EG LY MA SD TN EH
MENA||Middle East; North Africa
Sub-Saharan Africa||AO BI BJ BF BW CD CF CG CI CM CV DJ ER ET GA GH GM GN GQ GW KE KM LR LS MG ML MR MU MW MZ NA NE NG RW SC SL SN SO SS ST SZ TD TG TZ UG ZA ZM ZW
West Africa; Western Africa|West African|BJ BF CI CV GH GM GN GW LR ML MR NE NG SL SN TG
East Africa; Eastern Africa|East African|BI DJ ER ET KE KM MG MU MW MZ RW SC SO SS TZ UG ZM ZW
Africa|African|North Africa; Sub-Saharan Africa; West Africa; East Africa
EMEA||Europe; Middle East; Africa
Southeast Asia; South East Asia; South-East Asia; South-Eastern Asia; Southeastern Asia; ASEAN|Southeast Asian|BN ID KH LA MM MY PH SG TH TL VN
South Asia; Southern Asia|South Asian|AF BD BT IN IR LK MV NP PK
East Asia; Eastern Asia|East Asian|CN HK JP KP KR MN MO TW
Central Asia|Central Asian|KG KZ TJ TM UZ
Asia|Asian|Southeast Asia; South Asia; East Asia; Central Asia
Oceania; Australasia|Oceanian|AU NZ FJ PG SB VU NC WS TO TV KI NR PW FM MH CK NU AS GU PF TK WF MP NF PN
APAC; Asia-Pacific; Asia Pacific||Asia; Oceania
North America|North American|US CA MX
Central America|Central American|BZ CR GT HN NI PA SV
Caribbean; West Indies|Caribbean|AG AI AW BB BL BQ BS CU CW DM DO GD GP HT JM KN KY LC MF MQ MS PR SX TC TT VC VG VI
South America|South American|AR BO BR CL CO EC FK GF GY PE PY SR UY VE
LATAM; Latin America; LatAm|Latin American|South America; Central America; Caribbean; MX
Americas; the Americas||North America; LATAM
`;
