"""What a reader may want to know of a Keras, asked of it and written down.

`python -m tests.board.probe FILE` asks the Keras of its own environment, and only it, and writes
the answers as JSON: {"versions": {name: version}, "answers": {question: answer}}. A question is
named like a path, `seeds/order of rows/shuffle=True`; an answer is a text, a number, a list of
such, or None. Each module here asks about one thing, with a function for each question.
"""
