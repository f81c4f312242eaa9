"""The network that is trained: an encoder, the mean of its token vectors, a linear head."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from transformers import AutoModel

from appliance.workbench.progress import hushed

if TYPE_CHECKING:
    from pathlib import Path


class Network(torch.nn.Module):  # type: ignore[misc]  # torch is untyped to mypy here
    """An encoder with mean pooling and a linear head.

    Args:
        encoder: A transformers encoder.
        labels: How many leaves the head knows.
    """

    def __init__(self, encoder: Any, labels: int) -> None:  # noqa: ANN401 - transformers is loaded on demand
        super().__init__()
        self.encoder = encoder
        self.head = torch.nn.Linear(encoder.config.hidden_size, labels)

    @classmethod
    def from_folder(cls, folder: Path, labels: int) -> Network:
        """Read the encoder from a folder; nothing is looked for elsewhere."""
        with hushed():
            encoder = AutoModel.from_pretrained(folder, local_files_only=True, add_pooling_layer=False)
        return cls(encoder, labels)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits (batch x labels) and pooled embeddings (batch x width) of ids and mask (batch x tokens)."""
        hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        weights = mask.unsqueeze(-1).to(hidden.dtype)
        pooled = (hidden * weights).sum(1) / weights.sum(1)
        return self.head(pooled), pooled
