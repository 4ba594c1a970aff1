"""Write the sample résumés: `python -m infra.demo.make_resumes`. The same people give the same files."""

from __future__ import annotations

from pathlib import Path

from infra.demo import people, resume_docx, resume_pdf

FOLDER = Path(__file__).parent / "resumes"


def resumes() -> dict[str, bytes]:
    """Each sample résumé by its file name."""
    return {
        "amelia-hartley.pdf": resume_pdf.one_column(people.AMELIA),
        "jonas-gruenwald-lebenslauf.pdf": resume_pdf.one_column(people.JONAS),
        "marcus-okafor.pdf": resume_pdf.two_columns(people.MARCUS),
        "priya-raman-portfolio-cv.pdf": resume_pdf.with_photo(people.PRIYA),
        "jose-nunez.docx": resume_docx.plain(people.JOSE),
        "grace-lindqvist.docx": resume_docx.by_table(people.GRACE),
        "helen-abernathy-rn.docx": resume_docx.with_margins(people.HELEN),
    }


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, content in resumes().items():
        (FOLDER / name).write_bytes(content)
        print(f"{len(content):>8} bytes  {name}")


if __name__ == "__main__":
    main()
