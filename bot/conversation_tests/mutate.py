"""The mutation check: break the bot in one way at a time and see which breaks no test notices (reply_breaks, bot_breaks)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from bot.conversation_tests.assertions import FAILED, PASSED, Documents
from bot.conversation_tests.bot_breaks import BotBreak, bot_breaks
from bot.conversation_tests.coverage import domain_of
from bot.conversation_tests.drivers import Driver
from bot.conversation_tests.reply_breaks import ReplyBreak, reply_breaks
from bot.conversation_tests.runner import CaseResult, rejudge, run_case
from bot.conversation_tests.turns import Turn
from bot.receipt import receipt_for
from bot.reply import Reply


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One break: how many cases touch it, and the first that noticed it, "" if none did."""

    kind: str
    name: str
    cases: int
    noticed_by: str


async def run_mutations(
    results: Sequence[CaseResult],
    driver: Driver,
    documents: Documents,
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Mutation, ...]:
    """Break the bot in every way that the cases touch; only cases that passed can notice anything."""
    passed = sorted((one for one in results if one.outcome == PASSED), key=lambda one: len(one.steps))
    turns = [step.turn for result in passed for step in result.steps]
    on_replies = list(reply_breaks(turns, domain_of()["responses"]))
    on_bot = list(bot_breaks(turns))
    mutations = [_of_reply(one, passed, documents) for one in on_replies]
    for one in on_bot:
        tell(len(mutations), len(on_replies) + len(on_bot))
        mutations.append(await _of_bot(one, passed, driver, documents))
    driver.set_scene(None, None)
    return tuple(mutations)


def _of_reply(one: ReplyBreak, passed: Sequence[CaseResult], documents: Documents) -> Mutation:
    touched, noticed_by = 0, ""
    for result in passed:
        turns = [step.turn for step in result.steps]
        broken = [_broken(one, turn) for turn in turns]
        if all(new is old for new, old in zip(broken, turns, strict=True)):
            continue
        touched += 1
        if not noticed_by and rejudge(result, broken, documents).outcome == FAILED:
            noticed_by = result.case.id
    return Mutation(kind=one.kind, name=one.name, cases=touched, noticed_by=noticed_by)


def _broken(one: ReplyBreak, turn: Turn) -> Turn:
    """Return a turn with its reply broken; a receipt is made anew, it would tell of every change by itself."""
    try:
        reply = one.change(turn)
    except ValueError:
        return turn  # the reply itself refuses such a change
    if reply is None:
        return turn
    if reply.receipt == turn.reply.receipt:
        reply = _with_receipt(reply, turn)
    return dataclasses.replace(turn, reply=reply)


def _with_receipt(reply: Reply, turn: Turn) -> Reply:
    return reply.replace(receipt=receipt_for(turn.said, reply))


async def _of_bot(one: BotBreak, passed: Sequence[CaseResult], driver: Driver, documents: Documents) -> Mutation:
    touched = [result for result in passed if any(one.touches(step.turn) for step in result.steps)]
    for result in touched:
        driver.set_scene(result.case.country, result.case.day)
        with one.applied():
            again = await run_case(result.case, driver, documents)
        if again.outcome == FAILED:
            return Mutation(kind=one.kind, name=one.name, cases=len(touched), noticed_by=result.case.id)
    return Mutation(kind=one.kind, name=one.name, cases=len(touched), noticed_by="")
