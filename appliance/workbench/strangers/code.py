"""What programs are made of, as it strays into a share. Written for this purpose."""

from __future__ import annotations

CODE = (
    '''
"""Poll the [boiler|greenhouse|tank] sensors and keep a running mean."""
import time
from collections import deque

WINDOW = <nn>


class Sensor:
    def __init__(self, bus, address):
        self.bus, self.address = bus, address
        self.history = deque(maxlen=WINDOW)

    def poll(self):
        raw = self.bus.read_word(self.address)
        self.history.append((raw >> <n>) * 0.0625)
        return sum(self.history) / len(self.history)


if __name__ == "__main__":
    sensors = {name: Sensor(open_bus(1), 0x40 + i) for i, name in enumerate(("supply", "return", "outside"))}
    while True:
        print({name: round(s.poll(), 1) for name, s in sensors.items()})
        time.sleep(<nn>)
''',
    """
#include <stdio.h>
#include <stdlib.h>

#define MAX_NODES <nnnn>

struct node { int key; struct node *left, *right; };

static struct node *insert(struct node *t, int key)
{
    if (!t) {
        t = calloc(1, sizeof *t);
        if (!t) abort();
        t->key = key;
    } else if (key < t->key)
        t->left = insert(t->left, key);
    else if (key > t->key)
        t->right = insert(t->right, key);
    return t;
}

int main(int argc, char **argv)
{
    struct node *root = NULL;
    for (int i = 1; i < argc; i++) root = insert(root, atoi(argv[i]));
    printf("%s\\n", root ? "ok" : "empty");
    return EXIT_SUCCESS;
}
""",
    """
-- monthly [stock|sales|energy] figures
CREATE TABLE IF NOT EXISTS movement (
    id INTEGER PRIMARY KEY,
    article TEXT NOT NULL REFERENCES article(code),
    booked_at TIMESTAMP NOT NULL,
    quantity NUMERIC(10, <n>) NOT NULL
);
CREATE INDEX movement_article ON movement (article, booked_at);

SELECT a.code, a.name, SUM(m.quantity) AS total,
       RANK() OVER (ORDER BY SUM(m.quantity) DESC) AS place
FROM movement m JOIN article a ON a.code = m.article
WHERE m.booked_at >= DATE '<year>-01-01'
GROUP BY a.code, a.name
HAVING SUM(m.quantity) > <nn>
ORDER BY place LIMIT <nn>;
""",
    """
#!/bin/sh
# nightly copy of the [music|drawings|photo] share
set -eu
SRC=/srv/share DST=/mnt/usb/$(date +%a)
mountpoint -q /mnt/usb || { echo "stick not there" >&2; exit <n>; }
[ -d "$DST" ] || mkdir -p "$DST"
rsync -a --delete --exclude '*.tmp' "$SRC/" "$DST/" >> /var/log/copy.log 2>&1
find "$DST" -type f -mtime +<nn> -name 'core.*' -print -delete
df -h /mnt/usb | tail -n 1
""",
    """
import { useState, useEffect } from "react";

export default function [Clock|Counter|Basket]({ start = <n>, onDone }) {
  const [left, setLeft] = useState(start);
  useEffect(() => {
    if (left === 0) { onDone?.(); return; }
    const t = setTimeout(() => setLeft(left - 1), <nn>0);
    return () => clearTimeout(t);
  }, [left]);
  return (
    <div className="box">
      <span style={{ color: left < 3 ? "crimson" : "inherit" }}>{left}</span>
      <button onClick={() => setLeft(start)}>Again</button>
    </div>
  );
}
""",
    """
; settings of the [label printer|gateway|door controller]
[network]
dhcp = off
address = 10.0.<nn>.<nn>
mask = 255.255.255.0

[serial]
port = COM<n>
baud = 9600
parity = even
stopbits = 1

[labels]
width_mm = <nn>
darkness = <n>
template = C:\\\\labels\\\\pallet_<n>.lbl
""",
)
