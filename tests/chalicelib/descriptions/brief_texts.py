"""Project briefs in four languages, with what a person reads in them."""

from __future__ import annotations

ENGLISH = """Recruitment Project Brief: Riverside Hospital Wing

Client: Northgate Health Trust
Sector: Healthcare
Location: Bradford, United Kingdom
Priority: High
Start date: 1 March 2025
End date: September 2025

Background
The trust opens a new wing of 60 beds in autumn and has no permanent staff for it yet. Agency cover
would cost three times as much.

Objectives
- Fill all posts before the wing opens
- Keep agency cost under 5%

Scope
Sourcing, screening and interviews; onboarding stays with the trust.

Headcount
In total we are to hire 42 people:
• 24 Staff Nurses
• 6 x Charge Nurses (nights)
• 12 Healthcare Assistants

Stakeholders
Director of Nursing, HR business partner

Deliverables
- Weekly report
"""

GERMAN = """Projektbrief

Projektname: Werk Süd
Auftraggeber: Isarwerke AG
Branche: Maschinenbau
Standort: Augsburg
Priorität: dringend
Laufzeit: 04/2025 – 12/2025
Geplante Einstellungen: 15

Ausgangslage
Die Isarwerke AG eröffnet ein zweites Werk und braucht dafür ein eingespieltes Team in Montage und Prüfung.

Ziele
- Produktionsstart im Januar

Gesuchte Rollen
- 8 Mechatroniker
- 4 Elektroniker für Betriebstechnik
- Produktionsleiter

Meilensteine
- Abschluss der Interviews im Juni
"""

FRENCH = """Note de cadrage – Ouverture du magasin de Nantes

Client : Maison Moreau
Secteur : Commerce de détail
Lieu : Nantes

Contexte
La maison ouvre en octobre son sixième magasin, sur 900 m², dans le centre de la ville.

Objectifs
- Recruter une équipe complète avant le 15 septembre

Périmètre
Recrutement et formation initiale.

Profils recherchés
- 1 responsable de magasin
- 6 vendeurs
- 2 comptables

Parties prenantes
- Direction régionale
"""

SPANISH = """Brief del proyecto: Centro logístico Zaragoza

Cliente: Costa Digital S.A.
Sector: Logística
Ubicación: Zaragoza, España
Prioridad: media
Fecha de inicio: enero de 2026

Antecedentes
El cliente abre un centro logístico y necesita un equipo propio para los turnos de noche.

Alcance
Selección de personal y contratación de 30 personas.

Perfiles buscados
- Técnicos de mantenimiento
- Coordinador de turno

Entregables
- Informe mensual
"""

UNSEEN_ENGLISH = """HIRING BRIEF
Project Falcon

Prepared for: Tidewater Payments Ltd
Industry: Financial services
Timeline: January 2026 - June 2026

SUMMARY
Tidewater is moving its ledger to a new platform and builds a second engineering team in Leeds to do it.

HIRING PLAN
We plan 9 hires over two quarters.
- 5 Backend Engineers
- 2 Data Engineers
- 1 Engineering Manager
- 1 Product Designer

RISKS
- Notice periods of three months
"""
