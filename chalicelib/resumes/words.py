"""Words that tell a job title from an employer, a place from a name, and a résumé from another document."""

from __future__ import annotations

import re

_ROLES = """
    accountant actor administrator adviser advisor agent analyst apprentice architect artist assistant associate
    attendant attorney auditor baker barista bartender bookkeeper broker builder butcher buyer caregiver carer
    carpenter cashier ceo cfo chair chef chemist cleaner clerk coach columnist conductor consultant contractor
    controller cook coordinator co-ordinator copywriter counsel counsellor counselor courier cto dentist designer
    developer devops director dispatcher doctor driver economist editor electrician engineer estimator examiner
    executive facilitator farmer fellow fitter foreman founder co-founder freelancer gardener geologist guard handler
    head hostess housekeeper hygienist inspector installer instructor intern internship interpreter investigator
    janitor journalist judge laborer labourer lawyer lead leader lecturer librarian lieutenant lifeguard linguist
    machinist maid manager marketer mason mechanic mentor merchandiser midwife model moderator nanny nurse
    nutritionist officer operative operator optician owner packer painter paralegal paramedic partner pharmacist
    photographer physician physicist physiotherapist picker pilot planner plasterer plumber porter postdoc president
    principal producer professor programmer psychologist realtor receptionist recruiter registrar rep representative
    reporter researcher roofer sailor salesperson scaffolder scientist secretary sergeant solicitor specialist sre
    staff steward strategist student superintendent supervisor supervisor surgeon surveyor surveyor tailor teacher
    teller tester therapist trader trainee trainer translator treasurer tutor underwriter undertaker vet veterinarian
    volunteer waiter waitress warden welder worker writer lpn rn vp entwickler entwicklerin softwareentwickler
    softwareentwicklerin ingenieur ingenieurin leiter leiterin projektleiter projektleiterin teamleiter teamleiterin
    abteilungsleiter abteilungsleiterin vertriebsleiter vertriebsleiterin berater beraterin krankenpfleger
    krankenschwester pflegefachkraft pflegefachfrau pflegefachmann pfleger pflegerin gesundheits- altenpfleger
    altenpflegerin kaufmann kauffrau bürokaufmann bürokauffrau industriekaufmann industriekauffrau sachbearbeiter
    sachbearbeiterin buchhalter buchhalterin bilanzbuchhalter bilanzbuchhalterin lehrer lehrerin mitarbeiter
    mitarbeiterin praktikant praktikantin praktikum werkstudent werkstudentin auszubildender auszubildende
    geschäftsführer geschäftsführerin techniker technikerin mechaniker mechanikerin mechatroniker elektriker
    elektroniker arzt ärztin assistenzarzt koch köchin verkäufer verkäuferin referent referentin assistent assistentin
    assistenz fachkraft lagerist fahrer kraftfahrer projektmanager projektmanagerin stationsleitung teamleitung
    leitung ingénieur ingénieure développeur développeuse chargé chargée chef cheffe directeur directrice responsable
    infirmier infirmière comptable vendeur vendeuse enseignant enseignante professeur professeure stagiaire
    consultante assistante technicien technicienne serveur serveuse cuisinier cuisinière commercial commerciale
    gestionnaire conseiller conseillère secrétaire médecin aide-soignante aide-soignant avocat avocate juriste
    acheteur ingeniero ingeniera desarrollador desarrolladora gerente jefe jefa directora enfermero enfermera contable
    contador contadora vendedor vendedora profesor profesora maestro maestra becario becaria consultor consultora
    analista asistente auxiliar técnico técnica camarero camarera cocinero cocinera administrativo administrativa
    coordinador coordinadora abogado abogada dependiente dependienta médico encargado encargada comercial programador
    programadora
"""
_ORGANIZATIONS = """
    co-operative cooperative genossenschaft inc inc. llc ltd ltd. limited plc corp corp. corporation co co. company
    companies gmbh ag kg kgaa ohg ug se sarl sas s.a.s. s.a. sa s.l. sl s.r.l. srl spa s.p.a. bv b.v. nv n.v. ab oy
    pty group gruppe groupe grupo holding holdings partners llp lp hospital hospitals clinic clinics klinik klinikum
    klinikums krankenhaus charité clinique hôpital hospitalier chu clínica university universität université
    universidad college school schule grundschule école collège lycée escuela colegio instituto institute institut
    hochschule academy akademie bank banque banco sparkasse insurance versicherung assurances hotel hôtel restaurant
    ristorante café bistro brasserie brewery bakery logistics logistik solutions systems technologies technology
    software labs laboratories laboratory consulting services international industries enterprises associates
    foundation stiftung fondation fundación council ministry department bureau agency agentur studio studios media
    pharmacy pharma pharmaceuticals healthcare health medical centre center trust nhs airlines airways motors
    automotive energy construction builders stores supermarket retail motors foods securities capital ventures
    chambers kanzlei seniorenheim pflegeheim apotheke werke mairie ayuntamiento ministère army navy police
"""
# What stands on top of résumés, letters, adverts and bills in place of a name.
_NEVER_NAMES = """
    curriculum vitae cv resume résumé lebenslauf hoja vida currículum bewerbung profile profil summary experience
    education skills contact objective page confidential invoice rechnung facture factura receipt quote order bill
    recipe rezept recette receta ingredients job description vacancy position opening hiring stellenanzeige
    requirements responsibilities dear sir madam sehr geehrte re subject betreff date street road avenue lane strasse
    straße platz rue calle avenida drive phone tel telephone mobile email e-mail address adresse linkedin github
    website nationality born birth date married january february march april may june july august september october
    november december monday tuesday wednesday thursday friday saturday sunday the and or with for of our we you your
    this is at in to an from by on total amount about team project report proposal agenda meeting minutes notes cover
    letter application candidate personal statement terms conditions policy agreement contract senior junior chief
    certified licensed registered freelance full-time part-time engineering marketing finance accounting nursing sales
    management development operations data science business information technology customer service support human
    resources chocolate soup cake salad bread chicken cookies pie sauce pasta beef pork curry stew muffins pancakes
    roasted baked grilled references available portfolio languages languages certifications projects table contents
    introduction chapter bachelor master bsc msc diploma degree graduate professional experienced united kingdom
    states
"""
# Beside a title, these name a part of the employer and not the employer ("Vice President, Finance").
_DEPARTMENTS = """
    accounting administration audit communications compliance construction consulting design development education
    engineering finance hr infrastructure innovation it legal logistics maintenance manufacturing marketing nursing
    operations payroll pediatrics procurement product production purchasing quality r&d research retail risk safety
    sales security services strategy support surgery technology training treasury vertrieb einkauf entwicklung
    buchhaltung personal produktion finanzen ventes finances achats ventas finanzas
"""
DEPARTMENTS = frozenset(_DEPARTMENTS.split())
ROLES = frozenset(_ROLES.split())
ORGANIZATIONS = frozenset(_ORGANIZATIONS.split())
# These are jobs, but surnames too.
_JOBS_AND_SURNAMES = """
    baker butcher mason cook carpenter judge chair head model painter porter fellow gardener farmer sailor tailor
    warden guard koch maestro leiter steward
"""
NEVER_NAMES = frozenset(_NEVER_NAMES.split()) | (ROLES - frozenset(_JOBS_AND_SURNAMES.split()))

_WORD = re.compile(r"[^\W\d_][\w.'’-]*")
# German compounds end in the role: "Vertriebsmitarbeiterin", "Maschinenbauingenieur".
_ROLE_ENDINGS = re.compile(
    r"(?:ingenieur|entwickler|leiter|berater|pfleger|mitarbeiter|techniker|mechaniker|kauf(?:mann|frau)|"
    r"verkäufer|lehrer|assistent|manager|arbeiter|führer|schwester|meister|helfer)(?:in)?$"
)


def words_of(text: str) -> list[str]:
    """The words of `text` in lower case, without what surrounds them."""
    return [word.casefold() for word in _WORD.findall(text[:200])]


def names_role(text: str) -> bool:
    """Whether `text` holds a word for a job."""
    return any(_is_role(word) for word in words_of(text))


def names_organization(text: str) -> bool:
    """Whether `text` holds a word that employers and schools carry in their names."""
    return any(word in ORGANIZATIONS or word.rstrip(".") in ORGANIZATIONS for word in words_of(text))


def names_department(text: str) -> bool:
    """Whether `text` is nothing but a department ("Finance", "Sales & Marketing")."""
    words = words_of(text)
    return bool(words) and all(word in DEPARTMENTS or word in ("and", "und", "et", "y") for word in words)


def _is_role(word: str) -> bool:
    plain = word.rstrip(".,;:").removesuffix("'s").removesuffix("’s")
    forms = (plain, plain.removesuffix("in"), *plain.split("-"))
    return plain not in ORGANIZATIONS and any(form in ROLES or _ROLE_ENDINGS.search(form) for form in forms)
