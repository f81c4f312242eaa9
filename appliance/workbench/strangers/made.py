"""Strangers that a program makes better than a person writes them: tables, logs, and what is no text at all."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from appliance.workbench.strangers.spin import DRAWS

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random


def _rows(count: int, row: Callable[[int], str]) -> str:
    return "\n".join(row(number) for number in range(count))


def _stock(random: Random) -> str:
    things = ["valve", "elbow", "gasket", "flange", "hose", "clamp", "nipple", "bush", "union", "tee"]
    sign = random.choice((",", ";", "\t"))
    head = sign.join(("item", "name", "bin", "on hand", "minimum", "unit price"))
    return f"{head}\n" + _rows(
        random.randint(20, 50),
        lambda n: sign.join(
            (
                f"{1000 + 7 * n}",
                f"{random.choice(things)} {random.choice((15, 22, 28, 35))} mm",
                f"{random.choice('ABCDEF')}{random.randint(1, 40):02}",
                f"{random.randint(0, 400)}",
                f"{random.randint(5, 50)}",
                f"{random.uniform(0.2, 60):.2f}",
            )
        ),
    )


def _hours(random: Random) -> str:
    head = f"Timesheet {DRAWS['person'](random)}\nDay\tStart\tEnd\tBreak\tHours\tRemark"
    remarks = ("", "", "", "site", "training", "doctor", "left early", "holiday")
    return f"{head}\n" + _rows(
        random.randint(15, 28),
        lambda n: (
            f"{n + 1}\t07:{random.randint(10, 59)}\t16:{random.randint(10, 59)}\t0:30\t"
            f"{random.uniform(7, 9):.2f}\t{random.choice(remarks)}"
        ),
    )


def _readings(random: Random) -> str:
    value = random.uniform(5, 25)
    lines = ["timestamp,temp_c,humidity,co2_ppm"]
    for number in range(random.randint(30, 60)):
        value += random.uniform(-0.4, 0.4)
        lines.append(
            f"2023-0{random.randint(1, 9)}-1{number % 9} {number % 24:02}:00,{value:.2f},"
            f"{random.randint(30, 80)},{random.randint(400, 1900)}"
        )
    return "\n".join(lines)


def _budget(random: Random) -> str:
    heads = [
        "Salaries",
        "Rent",
        "Heating",
        "Telephone",
        "Postage",
        "Insurance",
        "Travel",
        "Cleaning",
        "Repairs",
        "Stationery",
    ]
    lines = [f"| {'':12} | plan | actual | difference |", "|---|---:|---:|---:|"]
    for head in random.sample(heads, 8):
        plan, spent = random.randint(100, 9000), random.randint(100, 9000)
        lines.append(f"| {head:12} | {plan} | {spent} | {spent - plan:+} |")
    return "\n".join(lines)


def _standings(random: Random) -> str:
    towns = [DRAWS["town"](random) for _ in range(12)]
    suffixes = ("United", "Rovers", "Athletic", "Town", "Albion", "Wanderers")
    return "Pos Club                     P  W  D  L  Pts\n" + _rows(
        12,
        lambda n: (
            f"{n + 1:<4}{towns[n] + ' ' + random.choice(suffixes):<25}22 "
            f"{20 - n:<3}{random.randint(0, 3):<3}{n:<3}{60 - 4 * n}"
        ),
    )


def _system_log(random: Random) -> str:
    units = ("kernel", "sshd[<nnnn>]", "systemd[1]", "cron[<nnnn>]", "dhclient", "smartd")
    events = (
        "link is down",
        "Accepted publickey for backup from 10.0.0.4 port 50222",
        "Started Daily clean-up.",
        "DHCPACK of 10.0.0.17",
        "usb 1-1: new high-speed USB device number 5",
        "Device: /dev/sda, 2 currently unreadable sectors",
        "session closed for user root",
        "oom-killer invoked, score 814",
    )
    return _rows(
        random.randint(25, 45),
        lambda n: (
            f"Oct {random.randint(1, 9)} 0{n % 9}:{random.randint(10, 59)}:{random.randint(10, 59)} host "
            f"{random.choice(units).replace('<nnnn>', str(random.randint(200, 9000)))}: {random.choice(events)}"
        ),
    )


def _web_log(random: Random) -> str:
    paths = ("/", "/index.html", "/img/logo.png", "/api/v1/items?page=3", "/favicon.ico", "/wp-login.php")
    return _rows(
        random.randint(20, 40),
        lambda _: (
            f"10.{random.randint(0, 255)}.{random.randint(0, 255)}.7 - - [0{random.randint(1, 9)}/Feb/2022:11:0"
            f'{random.randint(0, 9)}:13 +0100] "GET {random.choice(paths)} HTTP/1.1" '
            f"{random.choice((200, 200, 304, 404, 500))} {random.randint(100, 90000)} "
            f'"-" "curl/7.{random.randint(1, 88)}"'
        ),
    )


def _events(random: Random) -> str:
    return _rows(
        random.randint(12, 24),
        lambda n: json.dumps(
            {
                "ts": 1_600_000_000 + 61 * n,
                "level": random.choice(("info", "warn", "debug")),
                "svc": random.choice(("auth", "queue", "mailer", "resize")),
                "ms": random.randint(1, 900),
                "ok": random.random() < 0.8,  # noqa: PLR2004 - any share
            }
        ),
    )


def _trace(random: Random) -> str:
    names = ["Dispatcher", "Handler", "Pool", "Socket", "Buffer", "Loader", "Parser", "Registry", "Session", "Cache"]
    head = f'Exception in thread "worker-{random.randint(1, 9)}" java.lang.IllegalStateException: buffer closed\n'
    return head + _rows(
        random.randint(15, 30),
        lambda _: (
            f"\tat org.{random.choice(('quark', 'ferry', 'plover'))}.io.{random.choice(names)}"
            f".{random.choice(('run', 'read', 'next', 'flush'))}({random.choice(names)}.java:{random.randint(20, 900)})"
        ),
    )


def _machine_log(random: Random) -> str:
    return "*** SHIFT REPORT PRESS 4 ***\n" + _rows(
        random.randint(18, 30),
        lambda n: (
            f"{6 + n // 3:02}:{n % 6}0 cyc={1200 + 37 * n} tool={random.randint(1, 9)} "
            f"F={random.randint(300, 420)}kN T={random.uniform(40, 70):.1f}C "
            + random.choice(("OK", "OK", "OK", "WARN lubrication", "STOP guard open", "REJECT burr"))
        ),
    )


def _empty(random: Random) -> str:
    return random.choice(("", "\n\n\n", " . \n", "-", "x", "test", "1", "asdf asdf"))


def _base64(random: Random) -> str:
    text = base64.b64encode(random.randbytes(random.randint(300, 900))).decode()
    return "\n".join(text[at : at + 76] for at in range(0, len(text), 76))


def _mojibake(random: Random) -> str:
    letters = "äöüßéèçñ – „“ € ™ łąę абвгд"  # noqa: RUF001 - what is garbled here
    words = ["".join(random.choice(letters) for _ in range(random.randint(2, 9))) for _ in range(70)]
    return " ".join(words).encode("utf-8").decode("cp1252", "replace")


def _keys(random: Random) -> str:
    letters = "abcdefghijklmnopqrstuvwxyz    ,.;0123456789"
    return "".join(random.choice(letters) for _ in range(random.randint(150, 700)))


def _dust(random: Random) -> str:
    """A blank page as a scanner's software reads it."""
    return _rows(
        random.randint(8, 25),
        lambda _: "".join(random.choice(".,'`~-_|:; il1I/\\ ") for _ in range(random.randint(1, 30))),
    )


def _numbers(random: Random) -> str:
    return _rows(random.randint(10, 40), lambda _: " ".join(f"{random.uniform(-9, 9):.4f}" for _ in range(8)))


TABLES = (_stock, _hours, _readings, _budget, _standings, _numbers)
LOGS = (_system_log, _web_log, _events, _trace, _machine_log)
GARBLED = (_empty, _base64, _mojibake, _keys, _dust)
