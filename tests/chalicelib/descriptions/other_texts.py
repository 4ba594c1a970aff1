"""Documents that are neither résumé nor position description nor brief, many of them close to one."""

from __future__ import annotations

INVOICE = """Bluewater Plumbing Supplies
Invoice No. 20417
Date: 4 May 2021
Bill to: Northgate Construction, Leeds

Description            Quantity   Price
Copper pipe 15 mm      40         £3.20
Compression fittings   12         £1.75

Subtotal £149.00
VAT 20% £29.80
Amount due £178.80
Payment terms: 30 days. Responsibilities for carriage rest with the buyer.
"""

RECHNUNG = """Rechnung
Rechnungsnummer 2024-118
Kunde: Isarwerke AG
Projekt: Werk Süd
Leistungszeitraum: 01/2024 – 03/2024

Personalvermittlung, 3 Stellen zu je 8.000 €
Nettobetrag 24.000 €
MwSt 19 % 4.560 €
Zahlbar innerhalb von 14 Tagen auf IBAN DE00 0000 0000 0000 0000 00
"""

RECIPE = """Grandma Rosa's Lemon Tart

Ingredients
- 4 lemons
- 200 g butter
- 6 eggs

What you need
- A tart tin of 24 cm
- A whisk

Preheat the oven to 180 degrees. You will need about one hour. Beat the eggs with the sugar, add the juice
and two tablespoons of zest, and bake for 35 minutes.
"""

COVER_LETTER = """Amelia Hartley
12 Harbour Street, Brighton
amelia.hartley@example.com

Dear Ms Okafor,

I am applying for the position of Senior Backend Engineer that you advertised. I have nine years of experience in
Python and I led a team of five. I meet all the requirements and I would welcome the responsibilities of the role.

Yours sincerely,
Amelia Hartley
"""

EMPLOYMENT_CONTRACT = """Contract of Employment

This agreement is made between Northgate Construction Ltd, hereinafter "the Employer", and Dale Whitcomb, hereinafter
"the Employee".

1. Job title
The Employee is employed as Site Manager and reports to the Operations Director.

2. Salary
The Employee shall be paid £52,000 per annum, full-time.

3. Duties
The Employee shall carry out the duties set out in the schedule.

4. Governing law
This agreement is governed by the law of England.
"""

ARBEITSZEUGNIS = """Arbeitszeugnis

Frau Anneliese Brandt, geboren am 4. Mai 1985, war vom 01.04.2015 bis 28.02.2020 als Vertriebsleiterin in unserem
Unternehmen tätig.

Ihre Aufgaben
- Leitung eines Teams von zwölf Personen
- Betreuung der Großkunden

Sie hat die ihr übertragenen Aufgaben stets zu unserer vollsten Zufriedenheit erledigt. Wir danken ihr und wünschen ihr
für die Zukunft alles Gute.
"""

COURSE = """BSc Computer Science

About the course
You will learn to design and build software over six semesters. Tuition fees are £9,250 a year.

Entry requirements
- Three A levels including Mathematics
- Good written English

What we offer
- Small groups
- A placement year

Apply by 31 January.
"""

MINUTES = """Minutes of the project meeting, 12 March

Attendees: Grace Lindqvist, Jonas Gruenwald

Agenda
1. Budget
2. Timeline
3. Risks

Scope was discussed. Grace will speak to the stakeholders about deliverables. Next meeting on 19 March.
"""

SOFTWARE_SPEC = """Booking service: functional requirements

Scope
The service keeps bookings for three mobile apps.

Requirements
- A user can cancel a booking within 24 hours
- The system answers in under 200 ms

Acceptance criteria
- All user stories pass

Out of scope
- Payments
"""

RENTAL = """Two-room flat in Leipzig

We are looking for a tenant from 1 June. The flat has two bedrooms, a balcony and a new kitchen.
Rent: 780 € per month. Deposit: three months.

Requirements
- No pets
- Proof of income for at least 2 years

Contact us by phone for a visit. Apply now, for the flat will go quickly.
"""

NEWS = """Brighton bakery wins prize

A bakery in Brighton was named the best in the county on Saturday. Its owner, who started with one oven in 2009, said
that the prize belonged to the whole team. The bakery now employs 14 people and plans a second shop next year. Customers
queued round the corner to taste the bread.
"""

LEASE_ES = """Contrato de arrendamiento

En Madrid, a 3 de mayo de 2023, las partes acuerdan: el arrendador, en lo sucesivo "la propiedad", cede al
arrendatario la
vivienda sita en la calle Mayor. El plazo será de cinco años. La renta es de 900 € mensuales. Requisitos:
fianza de un mes.
"""

LETTER_FR = """Madame, Monsieur,

Je me permets de vous adresser ma candidature pour le poste de comptable. J'ai cinq ans d'expérience et je
maîtrise Sage.
Je reste à votre disposition pour un entretien.

Je vous prie d'agréer, Madame, Monsieur, mes salutations distinguées.
Camille Dupont
"""

SALARY_SURVEY = """Salary survey 2024

The median salary of nurses in Leeds was £38,000, that of site managers £52,000. We asked 412 people in 37 companies.
Salaries rose by four per cent. Part-time work grew fastest. Benefits such as pension and holiday were named
by two thirds.
"""

REVIEW = """Performance review

Employee: Marcus Okafor
Position: Support Engineer
Period: January 2024 – December 2024

Objectives
- Answer tickets within four hours: met
- Learn Terraform: partly met

Strengths
- Patient with customers

Next year
- Lead the on-call rota
"""

NEARLY_EMPTY = "Position: Nurse"

OTHERS = {
    "invoice": INVOICE,
    "rechnung": RECHNUNG,
    "recipe": RECIPE,
    "cover letter": COVER_LETTER,
    "employment contract": EMPLOYMENT_CONTRACT,
    "arbeitszeugnis": ARBEITSZEUGNIS,
    "course": COURSE,
    "minutes": MINUTES,
    "software requirements": SOFTWARE_SPEC,
    "flat to let": RENTAL,
    "news": NEWS,
    "lease": LEASE_ES,
    "letter": LETTER_FR,
    "salary survey": SALARY_SURVEY,
    "performance review": REVIEW,
    "nearly empty": NEARLY_EMPTY,
}
