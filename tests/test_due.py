"""What is due, worst first, each with its act and its why; and nobody sees what is not theirs."""

from tests.conftest import CLERK, SECOND, SUPERVISOR, TECHNICIAN, World


async def test_a_technician_sees_the_own_draft_and_goes_on_from_there(world: World) -> None:
    assert "没有到期事项" in await world.say(TECHNICIAN, "/due")
    await world.say(TECHNICIAN, "/new")
    await world.example(TECHNICIAN)
    await world.say(TECHNICIAN, "/cancel")
    said = await world.say(TECHNICIAN, "/due")
    assert "🟠 今天（1）" in said
    assert "未完成的草稿 · 2026-09-09 12:00" in said
    assert "…\u2060184847" in said
    assert "没有到期事项" in await world.say(CLERK, "/due"), "somebody else's draft concerns nobody"
    assert "这台车" in await world.tap(TECHNICIAN, "▶️ 继续 …\u2060184847")


async def test_the_desk_sees_what_is_late_before_what_is_ahead(world: World) -> None:
    await world.report()
    await world.complete()
    said = await world.say(CLERK, "/due")
    assert said.index("🟠 今天（1）") < said.index("索赔单待处理 · 2026-09-09 14:00") < said.index("⚪️ 以后（2）")
    assert said.index("厂家申报期限 · 2026-10-08") < said.index("旧件返厂 · 2026-12-07")
    assert "以后" not in await world.say(CLERK, "/due 7")
    world.skip(days=31)
    said = await world.say(CLERK, "/due")
    assert (
        said.index("🔴 已逾期（2）") < said.index("索赔单待处理") < said.index("厂家申报期限 · 2026-10-08，逾期 2 天")
    )


async def test_why_tells_the_rule_the_start_the_count_the_consequence_and_who_is_told_next(world: World) -> None:
    await world.report()
    await world.complete()
    await world.say(CLERK, "/due")
    why = await world.tap(CLERK, "2. ❓ 依据")
    assert "厂家申报期限" in why
    assert "自 2026-09-08 起 30 天，首日不计 → 2026-10-08" in why
    assert "2026-09-08 16:40 维修完工起算（王芳 记录）" in why
    assert "逾期后果" in why
    assert "下次提醒：王芳，2026-09-30 08:30" in why


async def test_the_supervisor_sees_the_teams_and_decides_from_there(world: World) -> None:
    number = await world.report()
    await world.complete()
    await world.tap(CLERK, "📤")
    said = await world.say(SUPERVISOR, "/due")
    assert "Approval · 9 Sept 2026 14:00" in said
    assert "待审批" not in await world.say(CLERK, "/due"), "it is not the clerk's turn"
    why = next(place for label, place in world.buttons(SUPERVISOR).items() if "Why" in label)
    world.telegram.tap(SUPERVISOR, *why)
    await world.settled()
    assert number in world.last(SUPERVISOR)
    await world.tap(SUPERVISOR, "✅ Approve")
    assert "批准" in world.last(TECHNICIAN)
    left = await world.say(SECOND, "/due")
    assert "待审批" not in left
    assert "旧件返厂" in left, "the decision does not bring the old part back"
    assert "已批准，待报厂家 · 2026-09-10" in await world.say(CLERK, "/due"), "nor the claim to the maker"


async def test_a_why_that_is_not_ones_own_or_long_met_tells_nothing(world: World) -> None:
    await world.say(TECHNICIAN, "/new")
    await world.say(TECHNICIAN, "/due")
    why = next(place for label, place in world.buttons(TECHNICIAN).items() if "依据" in label)
    world.telegram.tap(CLERK, world.shown(CLERK)[-1]["message_id"], why[1])
    await world.settled()
    assert "没有此项权限" in world.last(CLERK)
    await world.say(TECHNICIAN, "/drafts")
    await world.tap(TECHNICIAN, "🗑 删除草稿")
    world.telegram.tap(TECHNICIAN, *why)
    await world.settled()
    assert "已完成" in world.last(TECHNICIAN)
