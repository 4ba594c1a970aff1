"""Résumés as text, of many trades, layouts and languages, and documents that are none."""

from __future__ import annotations

NURSE = """MARÍA-JOSÉ O'CONNOR, RN, BSN
Registered Nurse
1420 Maple Ave, Springfield, IL 62701 • (217) 555-0142 • maria.oconnor@example.com

PROFESSIONAL SUMMARY
Registered nurse with 8 years in intensive care.

PROFESSIONAL EXPERIENCE
St. Mary's Hospital, Springfield, IL
Senior Staff Nurse                                     Jan 2019 – Present
• Care for 4 to 6 patients per shift, including wound care and triage.
• Trained 12 new nurses in IV therapy.
Lakeside Clinic, Chicago, IL
Staff Nurse                                            06/2015 - 12/2018
• Patient education and medication administration.

EDUCATION
Bachelor of Science in Nursing, University of Illinois, 2011 - 2015

SKILLS
BLS, ACLS, Epic, Patient care

REFERENCES
Dr. Alan Smith, alan.smith@hospital.org, (217) 555-0199
"""

GERMAN = """Lebenslauf

Persönliche Daten
Name: Dr. Jürgen van der Müller
Anschrift: Hauptstraße 5, 10115 Berlin
Telefon: 030 23125 417
E-Mail: juergen.mueller@example.de

Berufserfahrung
seit 03/2020
Vertriebsleiter
Müller & Söhne GmbH, Berlin
- Leitung eines Teams von zwölf Personen
- Einführung von Salesforce

04/2015 – 02/2020
Vertriebsmitarbeiter
Nordlicht AG, Hamburg
- Betreuung von Großkunden

Ausbildung
10/2009 – 09/2014
Diplom-Kaufmann, Universität Hamburg

Kenntnisse
MS Excel, SAP, Verhandlungsführung

Sprachen
Deutsch (Muttersprache), Englisch (fließend)
"""

FRENCH = """Camille DUPONT-LEFÈVRE
Comptable
12 rue des Lilas, 75011 Paris, France
Tél. : 01 42 68 53 00
camille.dupont@example.fr

EXPÉRIENCE PROFESSIONNELLE
Comptable générale, Cabinet Martin SARL, Paris
janvier 2018 – aujourd'hui
- Tenue des comptes de 40 clients

Assistante comptable, Boulangerie Moreau SA, Lyon
sept. 2014 – déc. 2017
- Saisie des factures

FORMATION
2012 - 2014 : BTS Comptabilité et gestion, Lycée Voltaire, Paris

COMPÉTENCES
Excel, Sage 50, IFRS

LANGUES
Français, anglais courant
"""

SPANISH = """Lucía Fernández de la Cruz
Ingeniera de software
Madrid, España | +34 612 34 56 78 | lucia.fernandez@example.es | github.com/luciaf

Experiencia laboral
Ingeniera de software | Soluciones Iberia S.L. | Madrid, España | marzo de 2019 – actualidad
• Desarrollo de APIs con Python y Django
Desarrolladora web | Costa Digital S.A. | Valencia, España | enero de 2016 – febrero de 2019
• Mantenimiento de tiendas en PHP

Educación
Grado en Ingeniería Informática, Universidad Politécnica de Madrid, 2011 – 2015

Habilidades
Python, Django, PHP, Docker

Idiomas
Español, inglés
"""

SPACED_OUT = """J A N E   D O E
Marketing Manager | Boston, MA | jane.doe@example.com | 617-555-0123

E X P E R I E N C E
Marketing Manager at Harborview Media Inc.            May 2018 – Present
Led campaigns with HubSpot and Google Analytics.
Marketing Coordinator at Brightline Studios           Jun 2014 – Apr 2018
Wrote copy.

E D U C A T I O N
Boston University
B.A. Communications, 2014

S K I L L S
HubSpot | Google Analytics | SEO | Copywriting
"""

DATE_FIRST = """Resume of Kwame N. Asante Jr.
kwame.asante@example.com
+233 30 276 1234
Accra, Ghana

Work Experience:
2019 - present    Warehouse Supervisor, Golden Coast Logistics Ltd
                  Supervise 25 people on two shifts.
2015 - 2019       Forklift Operator, Tema Port Services
                  Loaded and unloaded containers.

Education:
2011 - 2015       Higher Diploma in Logistics, Accra Technical University

Key Skills:
Forklift, Inventory management, RF scanners
"""

LABELLED_SKILLS = """Priyanka Chandrasekaran | Full Stack Developer
priyanka.c@example.in | +91 98765 43210 | Bengaluru, India | https://www.priyanka.dev

TECHNICAL SKILLS
Languages: Python, Go, R, JS
Cloud: AWS (EC2, S3), k8s
Tools: Git, Jira and Confluence

WORK EXPERIENCE
Full Stack Developer                                   Aug 2020 - Present
Zenith Software Labs Pvt Ltd, Bengaluru
- Built React front ends.
Junior Developer                                       Jul 2018 - Jul 2020
Orchid Systems, Chennai
- Wrote Node.js services.

EDUCATION
B.Tech in Computer Science, Anna University, 2014 - 2018
"""

TEACHER = """CURRICULUM VITAE

Name:     Siobhán Ní Dhomhnaill
Address:  Cork, Ireland
Email:    siobhan@example.ie
Mobile:   +353 85 012 3456

Profile
Primary school teacher who loves science.

Employment History
September 2016 to date
Primary Teacher
Scoil Mhuire National School, Cork
Taught classes of 28 pupils.

September 2012 to June 2016
Substitute Teacher
St. Brigid's School, Limerick
Covered all years.

Qualifications
2008-2012  Bachelor of Education, University of Limerick

Hobbies
Photography
"""

ONE_EMPLOYER = """Tomasz Wiśniewski
tomasz.wisniewski@example.pl
Warszawa, Poland

EXPERIENCE
Baltic Freight S.A., Gdynia, Poland
Operations Manager                       01/2021 - Present
• Run a fleet of 60 trucks.
Dispatcher                               05/2017 - 12/2020
• Route planning for 30 drivers.

EDUCATION
Master of Science, Logistics
Gdynia Maritime University, 2015 - 2017

SKILLS
Route planning, Fleet management, SAP
"""

CONSTRUCTION = """Dale Whitcomb
Site Supervisor
Denver, Colorado
Phone: 303.555.0178   Email: dwhitcomb@example.net

Summary of Qualifications
OSHA 30 certified supervisor.

Employment
Site Supervisor, Granite Peak Construction, Denver, CO (2014 – Present)
* Supervised crews of up to 40 on commercial builds.
Carpenter, Whitcomb Builders LLC, Boulder, CO (2006 – 2014)
* Framing and drywall.

Education
High School Diploma, Boulder High School, 2005

Skills
* OSHA 30
* Blueprint reading
* Scaffolding
"""

CHINESE = """王小明
软件工程师
wang.xiaoming@example.cn
+86 138 0013 8000

Experience
Software Engineer, Pearl River Technologies Co., Ltd    2018 - Present
Built services in Java.

Education
BSc Computer Science, Sun Yat-sen University, 2014 - 2018

Skills
Java, Kubernetes
"""

TWO_PAGES = (
    """Anneliese Brandt
Head of Legal
Vienna, Austria · anneliese.brandt@example.at · +43 1 5880 0123

Experience
Head of Legal, Donau Energie AG, Vienna, Austria
2017-04 – Present
- Contract law and GDPR for nine countries.
""",
    """Legal Counsel, Alpenbank AG, Graz, Austria
2012-09 – 2017-03
- Contract drafting and litigation.

Education
Master of Laws, University of Vienna, 2006 – 2011

Languages
German, English
""",
)

LETTER = """Northgate Housing Association
14 Canal Street
Leeds LS1 4AB

3 March 2023

Dear Mr Patel,

Thank you for your letter of 12 February. We have looked into the experience that you describe and
are sorry for the delay. An engineer will visit on 9 March 2023.

Yours sincerely,
Carol Winters
Customer Services
"""

RECIPE = """Grandma Rosa's Lemon Tart

Ingredients
200 g flour
3 eggs
2 tablespoons sugar

Preparation
Preheat the oven to 180 °C. Mix flour and sugar. Bake for 35 minutes.
Serves 6. First printed 1998 - 2004 in our church magazine.
"""

JOB_AD = """Northwind Traders
Senior Data Engineer (Full-time)
Berlin, Germany

About the role
We are looking for a data engineer with 5+ years of experience in Python and Kafka.

Requirements
Bachelor's degree in computer science
Experience with Airflow since 2019 is a plus

What we offer
30 days of holiday. Apply now: jobs@northwind-traders.de
"""

INVOICE = """Bluewater Plumbing Supplies
Invoice No. 2021-0045
Date: 04/05/2021
Bill to: Harbor Cafe, 12 Dock Road
Pump, 2 pieces   140.00
Amount due: 140.00
Payment to billing@bluewater.example.com by 06/2021
"""

PROJECT_BRIEF = """Project Brief: New Warehouse Hall
Client: Orion Logistics
Timeline: 01/2023 - 12/2024

Skills
Project management, HVAC

Contact: peter.lang@orion-logistics.de
"""

PHARMACIST = """Fatima Al-Sayed
Pharmacist
Dubai, UAE
fatima.alsayed@example.ae
+971 50 123 4567

PROFESSIONAL EXPERIENCE

Senior Pharmacist, Aster Pharmacy (March 2017 - Present)
Dispensed medication.

Pharmacist
Boots Group (2012-2017)
London

EDUCATION & TRAINING
Bachelor of Pharmacy (B.Pharm), University of Jordan, 2007-2012
SKILLS: Patient counselling, Inventory management
LANGUAGES: Arabic (native), English (C1)
"""

ACCOUNTANT = """Grace Mwangi
Nairobi, Kenya | +254 712 345 678 | grace.mwangi@example.ke

Experience
Accountant
Safari Foods Ltd
Nairobi, Kenya
Feb 2019 – Present
• Month-end close
• VAT returns

Junior Accountant
Kilimo Co-operative
Nakuru, Kenya
Jan 2016 – Jan 2019
• Bank reconciliation

Education
Bachelor of Commerce (Accounting)
University of Nairobi
2012 – 2015
"""

EXECUTIVE = """Margaret A. Thornbury, CPA
Chief Financial Officer
margaret.thornbury@example.com · 312.555.0187

CAREER HISTORY
MIDWEST TOOL & DIE, INC., Chicago, IL                                    2015 to Present
Chief Financial Officer
Report to the CEO; lead a team of 45.
HARLAN FOODS CORPORATION, Omaha, NE                                      2008 to 2015
Vice President, Finance (2011 to 2015)
• Led the sale of a plant.
Corporate Controller (2008 to 2011)
• SOX compliance.

EDUCATION
B.S. in Accounting, University of Nebraska–Lincoln, 2001
"""
