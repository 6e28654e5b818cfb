"""The `loa` command: one group of the commands that the capabilities add.

Names and first lines stand in an index, so that `--help`, `--version` and completion (TAB) import nothing else. A
command imports its own module. What it does may concern another capability, such as a restore the confidential cases:
whatever changes something goes through `application()`, or asks for all capabilities itself.
"""

from __future__ import annotations

import atexit
import os
import sys
from importlib import import_module
from typing import Final, NoReturn, cast

import click

from server.cli.application import rare_garbage_collection
from server.cli.speech import in_shell_language
from server.core import shell_words
from server.core.acting import ActorKind, acting_as
from server.core.service_user import NoUser, become, user_name
from server.core.shell_words import shell_language
from server.settings_file import BadSettingsFile, merged

ROOTS_OWN = ("doctor", "install", "upgrade", "rollback")
"""Commands that stay root's: they write outside the data folder, or look at what only root may read."""
INDEX: Final = {
    "audit": ("Check the log of who did what.", "Kiểm tra nhật ký hệ thống."),
    "backup": ("Back up database and photos; verify and try backups.", "Sao lưu, kiểm tra và thử bản sao lưu."),
    "campaign": ("Look after campaigns.", "Quản lý đợt hoạt động."),
    "cases": ("Look after confidential cases; shows nothing of any case.", "Quản lý quyền hồ sơ hỗ trợ."),
    "code": ("Print an enrolment code; the one before becomes void.", "In mã đăng ký máy; mã trước hết hiệu lực."),
    "conform": ("Prove a server or a client, rule by rule.", "Chứng minh máy chủ hoặc phần mềm theo từng quy tắc."),
    "db": ("Look after the database.", "Quản lý cơ sở dữ liệu."),
    "demo": ("Fill an empty database with the demo.", "Tạo dữ liệu mẫu trong cơ sở dữ liệu trống."),
    "device": ("Look after devices.", "Quản lý máy đã đăng ký."),
    "doctor": ("Check the installation.", "Kiểm tra hệ thống, mỗi dòng nêu việc cần làm."),
    "init": ("Fill an empty database with units and an administrator.", "Tạo đơn vị và quản trị viên đầu tiên."),
    "install": ("Make this machine serve; safe to repeat.", "Cài đặt trên máy này; chạy lại không hỏng."),
    "keys": ("Look after the keys that sign and seal.", "Quản lý khóa ký và khóa niêm phong."),
    "purge": ("Remove what a record says and shows, for good.", "Xóa hẳn nội dung và ảnh của một bản ghi."),
    "restore": ("Bring a backup back; stop the service first.", "Phục hồi bản sao lưu; dừng dịch vụ trước."),
    "rollback": ("Go back to the release before the last upgrade.", "Quay lại phiên bản trước lần nâng cấp."),
    "serve": ("Serve phones and desk until stopped.", "Chạy máy chủ."),
    "sweep": ("Remove expired uploads and ways in that ended.", "Dọn tệp tải dở và quyền vào đã hết hạn."),
    "unit": ("Look after the tree of units.", "Quản lý đơn vị, sáp nhập, chia tách."),
    "upgrade": ("Bring code and database to the release in an archive.", "Nâng cấp lên phiên bản trong tệp phát hành."),
    "user": ("Make, list and shut out accounts.", "Quản lý tài khoản."),
    "worker": ("Do long and nightly work until stopped.", "Làm công việc nền."),
}
"""By name what it does, in English and Vietnamese."""
ELSEWHERE: Final = {"code": "device", "rollback": "upgrade"}
"""Commands that stand in the module of another one."""


class LazyCommands(click.Group):
    """The commands of the capabilities, each imported when it is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, without importing anything."""
        del ctx
        return list(INDEX)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command; while names are completed or listed, one that knows only its first line."""
        if ctx.resilient_parsing and cmd_name in INDEX and not _completes_below(cmd_name):
            return click.Command(cmd_name, help=INDEX[cmd_name][0])
        if cmd_name not in INDEX:
            return None
        found: click.Command = getattr(import_module(f"server.cli.{ELSEWHERE.get(cmd_name, cmd_name)}"), cmd_name)
        return in_shell_language(found)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help in the shell's language."""
        click.Group.format_help(cast("click.Group", in_shell_language(self)), ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list in the shell's language."""
        del ctx
        with formatter.section(shell_words.words("Commands")):
            formatter.write_dl([(name, said[shell_language() == "vi"]) for name, said in INDEX.items()])


def _completes_below(name: str) -> bool:
    """Return True while the shell completes words behind this command."""
    words = os.environ.get("COMP_WORDS", "").split()
    return len(words) > 1 and words[1] == name


def _version(context: click.Context, _option: click.Parameter, asked: bool) -> None:  # noqa: FBT001  # click's own form
    if asked and not context.resilient_parsing:
        from server.core.build import whole_version  # noqa: PLC0415  # what reads a package's version is slow

        click.echo(whole_version())
        context.exit()


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
@click.pass_context
def main(context: click.Context) -> None:
    """Loa: the server behind the phones and the desk."""
    context.with_resource(acting_as(ActorKind.COMMAND, context.invoked_subcommand or "", user_name()))
    if context.invoked_subcommand not in ROOTS_OWN:
        _as_service_user()
    context.with_resource(rare_garbage_collection())
    before = os.umask(0o077)  # all files written, by the server's processes too, are readable by this user only
    context.call_on_close(lambda: os.umask(before))


def _as_service_user() -> None:
    if os.geteuid() != 0:
        return
    try:
        become(merged(os.environ).get("LOA_USER", ""))
    except (BadSettingsFile, NoUser) as reason:
        raise click.ClickException(str(reason)) from reason


shell_words.begin()
STAYS: Final = ("serve", "worker", "conform", "demo")
"""Commands with processes or threads of their own, which the interpreter waits for at its end."""


def run() -> NoReturn:
    """Run the command of this process, and end it without taking apart what was imported: a tenth of a second.

    What must happen at the end does: streams are written out, and what registered with `atexit` is called. An error
    that is no exit of the command goes the usual way, with its stack.
    """
    try:
        main(prog_name="loa")
    except SystemExit as ended:
        if (ended.code is not None and not isinstance(ended.code, int)) or _stays():
            raise
        status = ended.code or 0
    else:
        status = 0
    atexit._run_exitfuncs()  # noqa: SLF001  # what the interpreter calls itself before it takes modules apart
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:  # closed by the caller: `>&-`
                stream.flush()
        except (OSError, ValueError):
            status = status or 1
    os._exit(status)


def _stays() -> bool:
    return any(word in STAYS for word in sys.argv[1:2])


if __name__ == "__main__":
    run()
