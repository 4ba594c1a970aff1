"""The skills we know by name, over many trades, and the other ways people write them.

`CANONICAL` leads from any lower-case spelling to the name we show, `ALIASES` from that name to its other spellings.
`ONLY_IN_SKILLS` holds the lower-case spellings that are ordinary words or letters too ("go", "r", "access"): they count
in a list of skills, never in running text. To add a skill, add it to its trade below.
"""

from __future__ import annotations

# Skills are parted by ";", a skill's other spellings follow "|". A leading "*" marks a spelling that counts in a list
# of skills alone. Keep one meaning per spelling: a test refuses a spelling that two skills claim.
_BY_TRADE = {
    "programming languages": """
        Python|Python 3|Python3; JavaScript|*JS|ECMAScript|ES6; TypeScript|*TS; Java|Java 8|Java 11|Java 17; *C;
        C++|CPP; C#|CSharp|C Sharp; *Go|Golang; *Rust|Rustlang; *Ruby; PHP|PHP 8; *Swift|SwiftUI; Kotlin; Scala; *R|R
        language| RStudio; MATLAB; Perl; Haskell; Elixir; Erlang; Clojure; *Dart; Lua; Julia language|*Julia; COBOL;
        Fortran; Visual Basic|VB.NET|VBA|*VB; Objective-C; *Assembly|Assembly language; *Groovy; PowerShell;
        Bash|Shell scripting| *Shell|Bash scripting; SQL|Structured Query Language; T-SQL|Transact-SQL; PL/SQL;
        ABAP|SAP ABAP; *Apex; *Solidity; F#; HTML|HTML5; CSS|CSS3; Sass|SCSS; XML; JSON; YAML
    """,
    "software": """
        *React|React.js|ReactJS; React Native; Angular|AngularJS; Vue.js|VueJS|*Vue; Svelte; Next.js|NextJS;
        Nuxt.js|NuxtJS; Node.js|NodeJS|*Node; *Express|Express.js|ExpressJS; NestJS|Nest.js; Django; *Flask;
        FastAPI|Fast API; Ruby on Rails| *Rails|RoR; Spring Boot|SpringBoot; Spring Framework|*Spring; Hibernate;
        .NET|DotNet|.NET Core|.NET Framework; ASP.NET|ASP.NET Core|ASP.NET MVC; Laravel; Symfony; jQuery; Redux;
        Tailwind CSS|TailwindCSS|*Tailwind; *Bootstrap; Webpack; Vite; GraphQL; REST APIs|REST API|RESTful
        APIs|RESTful API|RESTful services|*REST|RESTful; gRPC; WebSockets| WebSocket; SOAP web services;
        Microservices|Microservice architecture|Micro-services; Event-driven architecture; Domain-driven design|DDD;
        Object-oriented programming|OOP; Functional programming; Design patterns; Test-driven development|TDD;
        Behavior-driven development|BDD|Behaviour-driven development; Unit testing|Unit tests; Code review|Code
        reviews; Git; GitHub; GitLab; Bitbucket; Subversion|SVN; Android|Android development| Android Studio; iOS|iOS
        development; Flutter; Xamarin; *Unity|Unity3D; Unreal Engine; Embedded systems| Embedded software; RTOS;
        Arduino; Raspberry Pi; Firmware development|Firmware; Web development; Web accessibility|WCAG; Software
        architecture; System design|Systems design; Debugging; WordPress; Drupal; Shopify; Magento; SharePoint|MS
        SharePoint|Microsoft SharePoint; Salesforce Apex; Power Apps|PowerApps| Microsoft Power Apps; Power
        Automate|Microsoft Power Automate; SwiftData; Jetpack Compose
    """,
    "testing": """
        Selenium|Selenium WebDriver; Cypress|Cypress.io; Playwright; *Jest; pytest; JUnit; TestNG; Postman; *Cucumber;
        Appium; JMeter|Apache JMeter; Test automation|Automated testing|Automation testing; Manual testing; Regression
        testing; Performance testing|Load testing; Quality assurance|*QA; User acceptance testing|UAT; ISTQB|ISTQB
        certified; TestRail; Robot Framework
    """,
    "cloud and operations": """
        AWS|Amazon Web Services; Azure|Microsoft Azure; Google Cloud|GCP|Google Cloud Platform; AWS Lambda; Amazon
        S3|AWS S3|*S3; Amazon EC2|EC2|AWS EC2; DynamoDB|Amazon DynamoDB; Amazon RDS|AWS RDS; CloudFormation|AWS
        CloudFormation; Amazon EKS| EKS; Amazon ECS; AWS Glue; AWS Step Functions|Step Functions; Amazon SNS; Amazon
        Athena; CloudWatch|AWS CloudWatch|Amazon CloudWatch; Amazon SQS|SQS|AWS SQS; Docker|Docker Compose;
        Kubernetes|k8s; OpenShift; Helm charts|*Helm; Terraform; Ansible; *Puppet; *Chef; Pulumi; Jenkins; GitHub
        Actions; GitLab CI|GitLab CI/CD; CircleCI; Argo CD|ArgoCD; CI/CD|CI / CD| Continuous integration|Continuous
        delivery|Continuous deployment; DevOps; Site reliability engineering|*SRE; Linux| GNU/Linux; Ubuntu; Red Hat
        Enterprise Linux|RHEL; Unix; Windows Server; Active Directory|Microsoft Active Directory;
        VMware|vSphere|VMware vSphere; Hyper-V; Nginx; Apache HTTP Server; Prometheus; Grafana; Datadog; Splunk; ELK
        Stack| Elastic Stack; New Relic; Serverless|Serverless architecture; Infrastructure as code|IaC; Heroku;
        Cloudflare; *Networking|Computer networking; TCP/IP; DNS; DHCP; VPN; LAN/WAN; Cisco IOS; CCNA; Microsoft
        Intune|Intune; ITIL|ITIL v4|ITIL v3|ITIL Foundation; ServiceNow; Help desk support|Help desk|Helpdesk;
        Technical support; System administration|Systems administration; Troubleshooting; Microsoft 365|Office
        365|O365|M365
    """,
    "security": """
        Information security|InfoSec; Cybersecurity|Cyber security; Penetration testing|Pen testing|Pentesting; OWASP|
        OWASP Top 10; SIEM; Incident response; Vulnerability management|Vulnerability assessment; Identity management|
        Identity and access management; CISSP; CISM; CompTIA Security+|Security+; ISO 27001|ISO/IEC 27001; Firewalls|
        Firewall administration; Threat modeling|Threat modelling; OAuth|OAuth 2.0|OAuth2; SOC 2; Wireshark;
        Metasploit; Burp Suite; Cryptography; Zero trust
    """,
    "data": """
        PostgreSQL|Postgres|PSQL; MySQL; MariaDB; Microsoft SQL Server|SQL Server|MS SQL Server|MSSQL|MS SQL; Oracle
        Database| Oracle DB|*Oracle; SQLite; MongoDB|*Mongo; Redis; *Cassandra|Apache Cassandra; Elasticsearch|Elastic
        Search; Neo4j; *Snowflake; BigQuery|Google BigQuery; Amazon Redshift|Redshift; Databricks; Apache
        Spark|PySpark|*Spark; Hadoop| Apache Hadoop; Apache Kafka|Kafka; RabbitMQ; Apache Airflow|Airflow; dbt|data
        build tool; Apache Flink|Flink; Apache Hive; ETL|ETL pipelines|ELT; Data warehousing|Data warehouse|Data
        warehouses; Data modeling|Data modelling; Data engineering; Data analysis|Data analytics; Data
        visualization|Data visualisation; Data governance; Data science; Data mining; Data quality; Data migration;
        Machine learning|*ML; Deep learning; Artificial intelligence| *AI; Natural language processing|*NLP; Computer
        vision; Large language models|LLMs|LLM; Generative AI|GenAI; Prompt engineering; Retrieval-augmented
        generation; LangChain; TensorFlow; PyTorch; Keras; scikit-learn|sklearn| scikit learn; pandas; NumPy; SciPy;
        Matplotlib; OpenCV; Hugging Face; MLOps; MLflow; Jupyter|Jupyter Notebook| Jupyter Notebooks; XGBoost;
        Tableau; Power BI|PowerBI|Microsoft Power BI; *Looker|Looker Studio| Google Data Studio; Qlik|QlikView|Qlik
        Sense; SAS|SAS programming; SPSS|IBM SPSS; Stata; *Alteryx; Statistics| Statistical analysis; A/B testing|AB
        testing; Time series analysis|Time series forecasting; Predictive modeling| Predictive modelling; Business
        intelligence; Web scraping; Regression analysis; Hypothesis testing; GIS|ArcGIS|QGIS|Geographic information
        systems
    """,
    "office": """
        Microsoft Excel|MS Excel|*Excel|Advanced Excel; Microsoft Word|MS Word|*Word; Microsoft PowerPoint|PowerPoint|
        MS PowerPoint; Microsoft Outlook|MS Outlook|*Outlook; Microsoft Access|MS Access|*Access; Microsoft Office|MS
        Office|Microsoft Office Suite|MS Office Suite; Microsoft Teams|MS Teams; Microsoft Visio|MS Visio|Visio;
        Google Workspace| G Suite; Google Sheets; *Slack; Zoom meetings; *Notion; Pivot tables|Pivot table; VLOOKUP;
        Data entry; Touch typing; Calendar management|Diary management; Travel arrangements|Travel coordination;
        Minute taking; Office management| Office administration; *Filing; Reception duties; Transcription; Record
        keeping|Record-keeping|Records management
    """,
    "design": """
        Adobe Photoshop|Photoshop; Adobe Illustrator|*Illustrator; Adobe InDesign|InDesign; Adobe XD; Adobe Creative
        Suite| Adobe Creative Cloud|Creative Suite; Adobe Premiere Pro|Premiere Pro; Adobe After Effects|After
        Effects; Figma; Sketch app|*Sketch; InVision; Canva; UX design|User experience design|*UX|UI/UX|UX/UI|UI/UX
        design|UX/UI design; UI design|User interface design|*UI; User research|UX research; Wireframing|Wireframes;
        Prototyping; Usability testing; Design systems; Graphic design; Typography; Branding; Photography; Video
        editing; Motion graphics; 3D modeling| 3D modelling; Blender 3D|*Blender; AutoCAD|Auto CAD; Revit|Autodesk
        Revit; SketchUp; Rhino 3D; Interior design
    """,
    "project and product": """
        Project management; Program management|Programme management; Product management; Agile|Agile methodologies|
        Agile methodology|Agile development; Scrum; Kanban; SAFe framework|Scaled Agile Framework; Scrum Master|
        Certified Scrum Master|CSM; PMP|Project Management Professional; PRINCE2; Jira|Atlassian Jira; *Confluence;
        Trello; Asana; Microsoft Project|MS Project; Monday.com; Waterfall methodology|*Waterfall; Six Sigma|Lean Six
        Sigma| Six Sigma Green Belt|Six Sigma Black Belt; *Lean|Lean manufacturing|Lean management; Kaizen; 5S
        methodology; Risk management; Risk assessment|Risk assessments; Change management; Stakeholder
        management|Stakeholder engagement; Requirements gathering|Requirements analysis|Requirements engineering;
        Business analysis; Business process improvement| Process improvement; Process mapping; BPMN; UML; Product
        roadmaps|Product roadmap|Roadmapping; OKRs; KPI tracking| KPIs; Budgeting|Budget management; Resource
        planning; Strategic planning; Vendor management; Root cause analysis; Business development; Market research;
        Competitive analysis; Go-to-market strategy|Go-to-market
    """,
    "finance": """
        Accounting; Bookkeeping|Book-keeping; Accounts payable; Accounts receivable; General ledger; Bank
        reconciliation| Bank reconciliations|Account reconciliation; Month-end close|Month end close|Month-end
        closing; Financial reporting; Financial analysis; Financial modeling|Financial modelling; Financial
        planning|FP&A|Financial planning and analysis; Forecasting; Variance analysis; Cost accounting; Management
        accounting; Auditing|Internal audit|External audit; Internal controls; Tax preparation|Tax returns; Tax
        compliance; VAT returns|VAT; Payroll|Payroll processing| Payroll administration; Invoicing; Credit control;
        Credit analysis; Cash flow management|Cash-flow forecasting|Cash flow forecasting; Treasury management; IFRS;
        US GAAP|GAAP|UK GAAP; HGB accounting; Sarbanes-Oxley|SOX|SOX compliance; CPA; ACCA; CFA|Chartered Financial
        Analyst; CIMA; QuickBooks|QuickBooks Online; Xero; Sage accounting|Sage 50; DATEV; SAP; SAP FI|SAP FICO|SAP
        FI/CO; SAP S/4HANA|S/4HANA|SAP HANA; SAP MM; SAP SD; Oracle Financials|Oracle NetSuite|NetSuite; Microsoft
        Dynamics|Dynamics 365|Microsoft Dynamics 365; Bloomberg Terminal; Valuation|Business valuation; Mergers and
        acquisitions|M&A|Mergers & acquisitions; Due diligence; Investment analysis; Portfolio management; Equity
        research; Anti-money laundering|AML; Know your customer|KYC; Underwriting; Claims handling| Claims processing;
        *Insurance; Actuarial science; Fraud detection; Procurement accounting; Grant management
    """,
    "health care": """
        Patient care; Nursing; Registered nurse|*RN; Basic life support|BLS|BLS certified; Advanced cardiac life
        support|ACLS| Advanced life support; Pediatric advanced life support|*PALS; CPR|Cardiopulmonary
        resuscitation|CPR certified; First aid; Medication administration|Administering medication; IV
        therapy|Intravenous therapy|IV insertion; Phlebotomy|Venipuncture|Venepuncture; Wound care|Wound management;
        Vital signs; Triage; Intensive care|ICU| Critical care; Emergency care|Emergency medicine; Palliative care;
        Geriatric care|Elderly care|Geriatrics; Dementia care; Pediatrics|Paediatrics; Midwifery; Mental health|Mental
        health nursing; Infection control| Infection prevention; Care planning|Care plans; Patient education; Patient
        assessment; Patient safety; Telemetry nursing; Ventilator management|Ventilator care;
        Catheterization|Catheterisation|Catheter care; Electronic health records|EHR| Electronic medical records|*EMR;
        Epic EHR|*Epic|Epic Systems; Cerner; HIPAA|HIPAA compliance; Medical terminology; Medical coding|ICD-10|CPT
        coding; Medical billing; Physiotherapy|Physical therapy; Occupational therapy; Radiography; Ultrasound;
        *Pharmacy|Pharmacology; Clinical trials|Clinical research; Good clinical practice|GCP compliance;
        Safeguarding; Manual handling; Personal care; Discharge planning; Surgical assistance|Scrub nursing; Dialysis|
        Hemodialysis; Chemotherapy administration; Nutrition counselling; Anesthesia|Anaesthesia; Dental hygiene
    """,
    "laboratory and science": """
        PCR|qPCR|RT-PCR; Cell culture; Western blot|Western blotting; ELISA; HPLC; Mass spectrometry|LC-MS; Flow
        cytometry; Microscopy; Molecular biology; Bioinformatics; GMP|Good Manufacturing Practice|cGMP; GLP|Good
        Laboratory Practice; Chromatography; Spectroscopy; Laboratory safety; Titration; Microbiology; Biochemistry;
        Regulatory affairs; Technical writing; Academic writing; Research design; LaTeX
    """,
    "sales and marketing": """
        *Sales; B2B sales|B2B; B2C sales|B2C; Account management|Key account management; Lead generation; Cold
        calling; Prospecting; Negotiation|Negotiations|Contract negotiation; Sales forecasting; Pipeline management;
        Upselling| Cross-selling; Retail sales; Inside sales; Field sales; Salesforce|Salesforce CRM|Salesforce.com;
        HubSpot| HubSpot CRM; CRM|Customer relationship management; Zoho CRM; Pipedrive; Digital marketing; Content
        marketing; Email marketing; Social media marketing|Social media management|Social media; SEO|Search engine
        optimization| Search engine optimisation; SEM|Search engine marketing; PPC|Pay-per-click; Google Ads|Google
        AdWords|AdWords; Facebook Ads|Meta Ads; Google Analytics|GA4; Google Tag Manager; Mailchimp; Marketo;
        Marketing automation; Copywriting; Content creation; Public relations; Event planning|Event management; Brand
        management; Campaign management; Customer segmentation; E-commerce|Ecommerce; Merchandising|Visual
        merchandising; Category management; Cash handling; Point of sale|POS systems|*POS; Stock management; Customer
        service| Customer care|Customer support; Customer success; Complaint handling|Complaints handling; Zendesk;
        Fundraising
    """,
    "people": """
        Human resources; Recruitment|Recruiting; Talent acquisition; Sourcing candidates|Candidate sourcing;
        Onboarding| Employee onboarding; Employee relations; Performance management; Compensation and
        benefits|Benefits administration; Labor law|Labour law|Employment law; HRIS; Workday|Workday HCM; SAP
        SuccessFactors|SuccessFactors; BambooHR; ADP Workforce Now| *ADP; Applicant tracking systems|Applicant
        tracking system|*ATS; Boolean search; Succession planning; Workforce planning; Learning and development|*L&D;
        Training and development|Staff training; Organizational development| Organisational development; Diversity and
        inclusion|Diversity, equity and inclusion; Job evaluation; Exit interviews; Interviewing; SHRM-CP; CIPD;
        Conflict resolution; Mediation; Coaching; Mentoring; Team leadership|Team management| Leading teams; People
        management; Leadership; Communication|Communication skills; Teamwork|Team work; Problem
        solving|Problem-solving; Time management; Presentation skills|Public speaking; Critical thinking;
        Multitasking; Attention to detail; Adaptability; Decision making|Decision-making; Organizational
        skills|Organisational skills
    """,
    "logistics and manufacturing": """
        Logistics; Supply chain management|Supply chain; Procurement|Purchasing; Strategic sourcing; Inventory
        management| Inventory control; Warehouse management|Warehouse operations; Warehouse management systems|*WMS;
        Forklift| Forklift operation|Forklift licence|Forklift license|Forklift driving|Forklift certified|Forklift
        operator; Order picking|Picking and packing|Pick and pack; Shipping and receiving; Stock control|Stocktaking;
        Route planning; Fleet management; Freight forwarding; Customs clearance|Customs regulations; Incoterms;
        Import/export| Import and export; Dispatching; Transport management; Cold chain; RF scanners|RF scanner;
        Demand planning; Production planning; Material requirements planning|MRP; ERP|ERP systems; Just-in-time|*JIT;
        Quality control| Quality inspection; ISO 9001; HGV licence|HGV Class 1|HGV; CDL|CDL Class A|Commercial
        driver's license; ADR licence; CNC|CNC machining|CNC programming; Machine operation; Preventive
        maintenance|Preventative maintenance; Total productive maintenance; SolidWorks; CATIA; PLC
        programming|PLC|PLCs; SCADA; Siemens TIA Portal|TIA Portal; Robotics; Injection molding|Injection moulding;
        Welding|MIG welding|TIG welding; Soldering; Assembly line; Mechanical engineering; Electrical engineering;
        Finite element analysis|FEA; FMEA; Statistical process control|*SPC; Blueprint reading; Hydraulics;
        Pneumatics; Ansys; Simulink
    """,
    "construction and trades": """
        Construction management; Site management|Site supervision; Site safety; Health and safety|Health & safety|
        Occupational health and safety; OSHA|OSHA 10|OSHA 30; NEBOSH; IOSH; CSCS card|CSCS; Scaffolding;
        Carpentry|Joinery; Masonry|Bricklaying; Concrete work|Concrete finishing; Drywall|Dry lining|Plasterboard;
        Plastering; Painting and decorating; Roofing; Flooring; Tiling; Plumbing; Pipefitting; HVAC; Electrical
        installation|Electrical wiring; Electrical maintenance; Excavator operation; Crane operation; Heavy equipment
        operation|Heavy equipment; Surveying| Land surveying; Quantity surveying|Quantity takeoff; Cost
        estimating|Cost estimation; Structural engineering; Civil engineering; Building information modeling|Building
        information modelling|*BIM; Building codes| Building regulations; Primavera P6|Primavera; Procore; Bluebeam;
        *Demolition; Landscaping; Gas Safe; Solar installation
    """,
    "legal": """
        Legal research; Legal writing|Legal drafting; Contract law; Contract drafting|Drafting contracts; Contract
        review; Contract management; Corporate law; Commercial law; Litigation|Civil litigation; Conveyancing; Family
        law; Criminal law; Intellectual property|Intellectual property law; Data protection|Data privacy|GDPR|DSGVO;
        Regulatory compliance| *Compliance; Company secretarial; Case management; E-discovery|eDiscovery; Westlaw;
        LexisNexis; Arbitration; Immigration law; Trademark law; Document review; Notarial practice; Paralegal work;
        Legal advice
    """,
    "hospitality": """
        Food preparation; Food safety|Food hygiene|Food hygiene certificate; HACCP; ServSafe; Menu planning| Menu
        development; Culinary arts|*Cooking; *Baking|*Pastry; Bartending; Mixology; Barista|Barista skills; Wine
        service| Wine knowledge; Table service|Waiting tables; Banqueting; Catering; Housekeeping; Front desk|Front
        office; Guest relations| Guest services; Hotel management; Opera PMS; *Reservations|Reservation systems;
        Revenue management; Kitchen management; Concierge services; Tour guiding; Travel planning; Amadeus GDS;
        Inventory ordering; Allergen awareness
    """,
    "teaching and social work": """
        *Teaching; Lesson planning|Lesson plans; Curriculum development|Curriculum design; Classroom management;
        Differentiated instruction; Student assessment; Special education|Special educational needs|SEN; IEP
        development|IEPs; Early childhood education; Phonics; TEFL|TESOL|CELTA; ESL|English as a second language;
        E-learning|Online teaching; Moodle; Google Classroom; Blackboard Learn; Instructional design; Tutoring; Child
        development; Childcare|Child care; Behavior management|Behaviour management; Social work; Crisis intervention;
        Counselling|Counseling; Youth work; Community outreach; Academic advising; Educational technology;
        Translation; Interpreting; Proofreading
    """,
    "public service and security": """
        Security guarding; CCTV|CCTV monitoring; Access control; Patrol duties; Emergency planning; Fire safety| Fire
        prevention; Policy analysis|Policy development; Grant writing; Public administration; Facility management|
        Facilities management; Environmental management; Sustainability; Waste management; *Agriculture; Horticulture;
        Animal care; Journalism; *Editing; Driving licence|Driver's license|Driver's licence|Driving license
    """,
}


def _read() -> tuple[dict[str, tuple[str, ...]], frozenset[str]]:
    """Each canonical name with its other spellings, and the spellings that count in a list of skills alone."""
    aliases: dict[str, tuple[str, ...]] = {}
    listed_only: set[str] = set()
    for trade in _BY_TRADE.values():
        for entry in trade.split(";"):
            spellings = [" ".join(spelling.split()) for spelling in entry.split("|")]
            listed_only |= {spelling[1:].lower() for spelling in spellings if spelling.startswith("*")}
            name, *others = (spelling.removeprefix("*") for spelling in spellings)
            aliases[name] = tuple(others)
    return aliases, frozenset(listed_only)


ALIASES, ONLY_IN_SKILLS = _read()

CANONICAL: dict[str, str] = {spelling.lower(): name for name, others in ALIASES.items() for spelling in (name, *others)}
