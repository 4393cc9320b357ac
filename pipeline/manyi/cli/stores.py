"""The option of all commands that open the store of collected answers."""

import click

store_option = click.option(
    "--store",
    metavar="ADDRESS",
    help="答卷库 · SQLite file or postgresql://user@host/database; default: MANYI_STORE, then study.yaml.",
)
