"""Counts the sheets of factors of a workbook and the rows on them, which go on where the sheet before ended.

sheets.py WORKBOOK
"""

import sys

import openpyxl

book = openpyxl.load_workbook(sys.argv[1])
sheets = [sheet for sheet in book.worksheets if sheet.title.startswith("Factors")]
names = [sheet.title for sheet in sheets]
assert names == ["Factors"] + [f"Factors {number}" for number in range(2, len(names) + 1)], names
keys = []
for sheet in sheets:
    assert sheet["A2"].value == "key" and sheet.freeze_panes == "B3"
    keys += [cell.value for cell in sheet["A"][2:]]
assert keys == sorted(keys) and len(set(keys)) == len(keys)
notes = [row[0].value for row in book["Read me"].iter_rows()]
assert ("Sheets 分表" in notes) == (len(sheets) > 1), notes
print(len(sheets), len(keys))
