"""Places by name, and the countries they lie in: enough to read "City, Country" and to know a phone number's region."""

from __future__ import annotations

import re

# ISO 3166 code: the country's names, in English and in its own and neighbouring languages.
_COUNTRIES = """
    US: United States, USA, U.S.A., United States of America, Estados Unidos, États-Unis; GB: United Kingdom, UK,
    England, Scotland, Wales, Great Britain, Northern Ireland; IE: Ireland; DE: Germany, Deutschland, Allemagne,
    Alemania; AT: Austria, Österreich, Autriche; CH: Switzerland, Schweiz, Suisse, Suiza; FR: France, Frankreich,
    Francia; ES: Spain, España, Spanien, Espagne; PT: Portugal; IT: Italy, Italia, Italien, Italie; NL: Netherlands,
    The Netherlands, Nederland, Niederlande; BE: Belgium, Belgique, Belgien, België; LU: Luxembourg, Luxemburg; DK:
    Denmark, Danmark; SE: Sweden, Sverige; NO: Norway, Norge; FI: Finland, Suomi; IS: Iceland; PL: Poland, Polska,
    Polen; CZ: Czech Republic, Czechia; SK: Slovakia; HU: Hungary, Ungarn; RO: Romania, Rumänien; BG: Bulgaria; GR:
    Greece; HR: Croatia; SI: Slovenia; RS: Serbia; UA: Ukraine; TR: Turkey, Türkiye; RU: Russia, Россия; EE: Estonia;
    LV: Latvia; LT: Lithuania; CA: Canada; MX: Mexico, México; BR: Brazil, Brasil; AR: Argentina; CL: Chile; CO:
    Colombia; PE: Peru, Perú; EC: Ecuador; UY: Uruguay; IN: India; PK: Pakistan; BD: Bangladesh; LK: Sri Lanka; NP:
    Nepal; CN: China, 中国; HK: Hong Kong; TW: Taiwan; JP: Japan, 日本; KR: South Korea, Korea; SG: Singapore; MY:
    Malaysia; TH: Thailand; VN: Vietnam; PH: Philippines; ID: Indonesia; AU: Australia; NZ: New Zealand; ZA: South
    Africa; NG: Nigeria; KE: Kenya; GH: Ghana; EG: Egypt; MA: Morocco, Maroc; TN: Tunisia, Tunisie; DZ: Algeria; IL:
    Israel; AE: United Arab Emirates, UAE; SA: Saudi Arabia; QA: Qatar; LB: Lebanon; JO: Jordan; IR: Iran
"""
_CITIES = """
    US: New York, Los Angeles, Chicago, Houston, Phoenix, Philadelphia, San Antonio, San Diego, Dallas, San Francisco,
    Seattle, Denver, Boston, Detroit, Atlanta, Miami, Minneapolis; GB: London, Manchester, Birmingham, Leeds, Glasgow,
    Edinburgh, Liverpool, Bristol, Sheffield, Cardiff, Belfast, Nottingham; IE: Dublin; DE: Berlin, Hamburg, München,
    Munich, Köln, Cologne, Frankfurt, Frankfurt am Main, Stuttgart, Düsseldorf, Leipzig, Dortmund, Essen, Bremen,
    Dresden, Hannover, Nürnberg, Mannheim, Karlsruhe, Freiburg; AT: Wien, Vienna, Graz, Linz, Salzburg, Innsbruck; CH:
    Zürich, Zurich, Genève, Geneva, Basel, Bern, Lausanne; FR: Paris, Lyon, Marseille, Toulouse, Nice, Nantes,
    Bordeaux, Lille, Strasbourg, Montpellier, Rennes; ES: Madrid, Barcelona, Valencia, Sevilla, Seville, Zaragoza,
    Málaga, Bilbao; PT: Lisbon, Lisboa, Porto; IT: Rome, Roma, Milan, Milano, Turin, Torino, Naples, Napoli; NL:
    Amsterdam, Rotterdam, Utrecht, Eindhoven, The Hague; BE: Brussels, Bruxelles, Antwerp; DK: Copenhagen, København;
    SE: Stockholm, Göteborg, Gothenburg; NO: Oslo, Bergen; FI: Helsinki; PL: Warsaw, Warszawa, Kraków; CZ: Prague,
    Praha; HU: Budapest; RO: Bucharest; GR: Athens; TR: Istanbul, Ankara; CA: Toronto, Montreal, Montréal, Vancouver,
    Ottawa, Calgary; MX: Mexico City, Guadalajara, Monterrey, Ciudad de México; BR: São Paulo, Rio de Janeiro; AR:
    Buenos Aires; CO: Bogotá, Medellín; PE: Lima; IN: Mumbai, Delhi, New Delhi, Bangalore, Bengaluru, Hyderabad,
    Chennai, Pune, Kolkata; CN: Beijing, Shanghai, Shenzhen, 北京, 上海; JP: Tokyo, Osaka, 東京; KR: Seoul; AU: Sydney,
    Melbourne, Brisbane, Perth; NZ: Auckland, Wellington; ZA: Cape Town, Johannesburg; NG: Lagos, Abuja; KE: Nairobi;
    EG: Cairo; IL: Tel Aviv; AE: Dubai, Abu Dhabi; SG: Singapore; HK: Hong Kong
"""
_STATES = """
    AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA
    RI SC SD TN TX UT VT VA WA WV WI WY DC
"""
_STATE_NAMES = """
    Alabama Alaska Arizona Arkansas California Colorado Connecticut Delaware Florida Georgia Hawaii Idaho Illinois
    Indiana Iowa Kansas Kentucky Louisiana Maine Maryland Massachusetts Michigan Minnesota Mississippi Missouri
    Montana Nebraska Nevada Ohio Oklahoma Oregon Pennsylvania Tennessee Texas Utah Vermont Virginia Washington
    Wisconsin Wyoming
"""
_PROVINCES = "AB BC MB NB NL NS ON PE QC SK"


def _by_name(table: str) -> dict[str, str]:
    entries = (entry.split(":") for entry in table.split(";"))
    return {" ".join(n.split()).casefold(): code.strip() for code, names in entries for n in names.split(",")}


COUNTRY_CODES = _by_name(_COUNTRIES)
CITY_COUNTRIES = _by_name(_CITIES)
US_STATES = frozenset(_STATES.split()) | frozenset(_STATE_NAMES.split())
CA_PROVINCES = frozenset(_PROVINCES.split())

_PLACE_WORD = r"[^\W\d_][\w.'’()-]{0,30}"
_PLACE = rf"{_PLACE_WORD}(?:[ \xa0]{_PLACE_WORD}){{0,3}}"
_PAIR = re.compile(rf"({_PLACE}),[ \xa0]{{0,3}}({_PLACE})(?:[ \xa0,]{{1,3}}\d{{4,5}}(?:-\d{{4}})?)?$")
_TRIPLE = re.compile(rf"({_PLACE}),[ \xa0]{{0,3}}({_PLACE}),[ \xa0]{{0,3}}({_PLACE})$")
_POSTCODE_CITY = re.compile(rf"(?:[A-Z]{{1,2}}-)?(\d{{4,5}})[ \xa0]{{1,3}}({_PLACE})$")
_STREET = re.compile(
    r"\b(?:st|ave?|avenue|street|road|rd|lane|ln|drive|dr|blvd|boulevard|way|court|ct|rue|place)\b", re.IGNORECASE
)
_UK_OUTWARD = re.compile(rf"({_PLACE})[, \xa0]{{1,3}}[A-Z]{{1,2}}\d[A-Z\d]?$")
_UK_POSTCODE = re.compile(rf"({_PLACE})[, \xa0]{{1,3}}([A-Z]{{1,2}}\d[A-Z\d]?[ \xa0]?\d[A-Z]{{2}})$")


def place_in(words: str) -> tuple[int, int, str | None] | None:
    """Where in `words` a place is named ("City, Country", "10115 Berlin"), with its country's ISO code if known.

    The place must end `words`; a street before it is left out. Offsets are within `words`.
    """
    if len(words) > 120:
        return None
    for start in _starts(words):
        rest = words[start:]
        if match := _pair(rest):
            return start, start + match[0], match[1]
        if match := _single(rest):
            return start, start + match[0], match[1]
    return None


def _starts(words: str) -> list[int]:
    """Offsets where a place may begin: the start, and after each comma."""
    return [0, *(match.end() for match in re.finditer(r",[ \xa0]{0,3}", words))][:8]


def _pair(words: str) -> tuple[int, str | None] | None:
    if match := _UK_POSTCODE.match(words):
        return match.end(1), "GB"
    if (outward := _UK_OUTWARD.match(words)) and CITY_COUNTRIES.get(outward[1].casefold()) == "GB":
        return outward.end(1), "GB"
    match = _PAIR.match(words) or _triple(words)
    if not match or not match[1][0].isupper():
        return None
    # "Berlin, DE" is not in Delaware: a city we know says which country its code means.
    last, known = match[match.lastindex or 2], CITY_COUNTRIES.get(match[1].casefold())
    region = known if known is not None and known == last else country_of(last)
    return (match.end(match.lastindex or 2), region) if region else None


def _triple(words: str) -> re.Match[str] | None:
    """ "Austin, TX, USA"; but "Acme Analytics, Austin, TX" is an employer and then a place."""
    match = _TRIPLE.match(words)
    if (
        match
        and match[3].casefold() in COUNTRY_CODES
        and (match[1].casefold() in CITY_COUNTRIES or match[2] in US_STATES | CA_PROVINCES)
    ):
        return match
    return None


def _single(words: str) -> tuple[int, str | None] | None:
    key = words.casefold()
    if region := CITY_COUNTRIES.get(key):
        return len(words), region
    return (len(words), "") if key in ("remote", "homeoffice", "home office", "télétravail") else None


def postcode_city(words: str) -> tuple[int, int, str | None] | None:
    """The city after a postcode ("10115 Berlin", "75011 Paris, France"), as `place_in` gives it."""
    for start in _starts(words[:120]):
        city, comma, country = words[start:120].partition(",")
        match = _POSTCODE_CITY.match(city)
        if match and not _STREET.search(city) and (not comma or country_of(country)):
            region = country_of(country) if comma else CITY_COUNTRIES.get(match[2].casefold())
            end = len(words) if comma and region else start + match.end(2)
            return start + match.start(2), end, region
    return None


def country_of(name: str) -> str | None:
    """The ISO code of the country that `name` names or lies in; US states and Canadian provinces included."""
    name = name.strip(" .")
    if name in US_STATES:
        return "US"
    if name in CA_PROVINCES:
        return "CA"
    return COUNTRY_CODES.get(name.casefold())
