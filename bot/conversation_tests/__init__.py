"""Conversation tests: the real bot held to what a YAML file says, exactly and offline.

`cases` reads files, `drivers` reach the bot, `runner` talks, `assertions` judge, `coverage` and `mutate` judge the tests,
`reports` show all of it, `golden` records and updates.
"""
