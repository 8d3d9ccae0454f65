"""Processes that share a training, an evaluation or a folder, as torchrun starts them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import torch

T = TypeVar("T")

MINUTES = 30.0
"""Minutes that a rank waits for the others: longer than one of them takes to score and to save,
and no longer, for one that has died on another machine is never heard of again."""


@dataclass(frozen=True)
class Ranks:
    """This process among those that torchrun started; alone it is rank 0 of 1."""

    rank: int = 0
    count: int = 1

    def share(self, items: Sequence[T]) -> Sequence[T]:
        """This rank's items of a list that all ranks have in the same order."""
        return items[self.rank :: self.count]

    def own_rows(self, batch: torch.Tensor) -> torch.Tensor:
        """This rank's rows of a batch that all ranks share: (B, ...) to (B / count, ...)."""
        return batch.chunk(self.count)[self.rank]

    def mean(self, tensors: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """The mean of each tensor over all ranks, on every rank, in one exchange."""
        if self.count == 1:
            return list(tensors)
        flat = torch.cat([tensor.detach().flatten() for tensor in tensors])
        torch.distributed.all_reduce(flat)
        means = torch.split(flat.div_(self.count), [tensor.numel() for tensor in tensors])
        return [mean.view_as(tensor) for mean, tensor in zip(means, tensors, strict=True)]

    def first(self, value: T) -> T:
        """Rank 0's value, on every rank: what all must decide alike, one decides."""
        if self.count == 1:
            return value
        sent = [value]
        torch.distributed.broadcast_object_list(sent, 0)
        return sent[0]

    def gather(self, value: T) -> list[T]:
        """The values of all ranks, in order, on every rank; waits for the slowest."""
        if self.count == 1:
            return [value]
        values: list[T] = [value] * self.count
        torch.distributed.all_gather_object(values, value)
        return values

    def leave(self) -> None:
        """End the exchange, once all ranks are here: one that just ends may abort the others."""
        if self.count > 1:
            torch.distributed.barrier()
            torch.distributed.destroy_process_group()


def join_ranks(minutes: float = MINUTES) -> Ranks:
    """Find the other processes that torchrun started, if any, by the environment it sets.

    minutes: how long each waits for the others before it fails.
    """
    count = int(os.environ.get("WORLD_SIZE", 1))
    if count == 1:
        return Ranks()
    if not torch.distributed.is_initialized():
        backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
        torch.distributed.init_process_group(backend, timeout=timedelta(minutes=minutes))
    return Ranks(torch.distributed.get_rank(), count)
