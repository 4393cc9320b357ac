"""The command line. This module loads click and the standard library only, so that help is instant."""

import importlib
import sys
from typing import cast

import click

#: command -> (module that holds it, one line of help)
COMMANDS = {
    "new": ("manyi.cli.new", "新建研究 · A new study from the bundled questionnaires, or from a file."),
    "demo": ("manyi.cli.demo", "示例县 · The example county: answers, whole pipeline, every output."),
    "check": ("manyi.cli.check", "检查定义 · Every fault of every definition at once."),
    "forms": ("manyi.cli.forms", "生成问卷 · Every collection form."),
    "diff": ("manyi.cli.diff", "比较定义 · What edits of a questionnaire do to answers already given."),
    "plan": ("manyi.cli.plan", "拟定样本 · The sample to draw, as an Excel list."),
    "ingest": ("manyi.cli.ingest", "导入答卷 · Take in files of answers, every row and cell accounted for."),
    "code": ("manyi.cli.code", "编码表 · Coding sheets of open answers and interviews, one a coder."),
    "run": ("manyi.cli.run", "全程运行 · Import, clean, analyse, write every output; only what changed."),
    "report": ("manyi.cli.report", "打开报告 · The report, made again where something changed."),
    "status": ("manyi.cli.status", "研究现状 · Answers by role, and which stages are stale and why."),
    "whatif": ("manyi.cli.whatif", "推算整改 · What verdicts would be with more teachers, rooms or money."),
    "compare": ("manyi.cli.compare", "多县对比 · Several studies side by side, without a league table."),
    "export": ("manyi.cli.export", "数据导出 · Answers for SPSS, Excel, Stata, R, Python and archives."),
    "serve": ("manyi.cli.serve", "在线收集 · Serve the forms on the web and keep the answers."),
    "links": ("manyi.cli.links", "链接与二维码 · Links of roles, schools and classes, and of the live page."),
    "codes": ("manyi.cli.codes", "访问码 · One-time access codes of a school or class, for printing."),
    "collectors": ("manyi.cli.collectors", "采集员 · Accounts for ODK Collect on phones."),
    "packs": ("manyi.cli.packs", "学校材料 · Posters, slips of codes, information sheets, field manuals."),
    "audit": ("manyi.cli.audit", "收集审计 · What the store of answers holds and what was done to it."),
    "backup": ("manyi.cli.backup", "备份恢复 · The store of answers copied while it serves, or restored."),
    "purge": ("manyi.cli.purge", "到期清除 · Collected answers erased; counts and audit stay."),
    "raw": ("manyi.cli.raw", "查原始数据 · One raw row as it stands, and what became of every cell."),
    "trace": ("manyi.cli.trace", "数字溯源 · Where a number of the appendix or report comes from."),
    "doctor": ("manyi.cli.doctor", "环境体检 · What is installed here and what it is needed for."),
}


class LazyCommands(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command."""
        if cmd_name not in COMMANDS:
            return None
        return cast(click.Command, importlib.import_module(COMMANDS[cmd_name][0]).command)

    def invoke(self, ctx: click.Context) -> object:
        """Call the command; a mistake in its usage is told as JSON too where JSON was asked for."""
        as_json = "--json" in ctx.args
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            if not as_json:
                raise
            from manyi.cli.session import tell_usage

            tell_usage(error)
            return ctx.exit(error.exit_code)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(
    cls=LazyCommands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done · 1 input, definition or planned result failed · 2 usage · 3 internal error",
)
@click.version_option(package_name="manyi", message="manyi %(version)s")
def cli() -> None:
    """满意 manyi: from the questionnaire to the appendix, 从问卷到附录."""


def main() -> None:
    """Run the command line; never fail on a console that cannot show a character."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    cli()
