"""The names by which the import knows an entry workbook again; they are the same in every language."""

#: The two sheets that are typed into, the list of codes, and what tells how and to which definition.
ENTRIES = ("entry1", "entry2")
CODES, ABOUT = "codes", "about"
#: Columns that are no questions: number and school on the paper, and the hash of the definition.
SERIAL, SCHOOL, DEFINITION = "serial", "school", "definition"
