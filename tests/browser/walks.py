"""Ways that more than one test walks, in Chinese, and the picture for the README as well."""

from pathlib import Path

from claimbot.demo.samples import draw_sample
from tests.browser.hands import VIN, Hand


def pictures(folder: Path, *slots: str) -> list[Path]:
    files = []
    for number, slot in enumerate(slots):
        file = folder / f"{slot}.jpg"
        file.write_bytes(draw_sample(slot, vin=VIN, km=23456, seed=number))
        files.append(file)
    return files


async def reports(li: Hand, folder: Path) -> None:
    """A technician at the car: mostly taps, one photo by hand, one by the example, an album sorted by taps."""
    await li.taps("故障报修")
    await li.answers("哪台车", VIN)
    await li.chooses("是这台车吗", "是")
    await li.answers("里程表读数", "23456")
    await li.answers("客户怎么说", "怠速抖动，故障灯亮")
    await li.chooses("故障在哪个系统", "发动机")
    await li.answers("有故障码吗", "P0301")
    await li.chooses("点火系统或失火", "就这些")
    await li.answers("故障原因是什么", "一缸喷油器泄漏")
    await li.chooses("哪个零件坏了", "喷油器")
    await li.answers("零件号", "EX-06H906036")
    await li.chooses("维修还是更换", "更换")
    await li.chooses("新件的零件号", "跳过")
    await li.chooses("旧件的吊牌号", "跳过")
    await li.hears("下一张：车架号铭牌")
    await li.photographs("vin_plate")
    await li.hears("👍 车架号铭牌")
    await li.answers_with_the_example()
    await li.hears("👍 里程表")
    slots = {
        "fault_in_place": "故障部位（未拆）",
        "fault_code_screen": "故障码界面",
        "failed_part": "故障件",
        "part_label": "零件标签",
        "new_part": "新件装车",
        "old_part_tag": "旧件及吊牌",
    }
    await li.sends_album(pictures(folder, *slots))
    for left, label in zip(range(6, 0, -1), slots.values(), strict=True):
        await li.chooses(f"还有 {left} 张待归类", label)
    await li.chooses("都齐了", "拍完了")
    await li.chooses("照片：8/8", "提交")
    await li.hears("已提交：SH01-2026-0001")


async def completes(wang: Hand) -> None:
    """The clerk adds what only the desk knows."""
    await wang.hears("小李 报修", "SH01-2026-0001")
    await wang.taps("打开")
    await wang.chooses("待索赔员处理", "补全")
    await wang.answers("车牌号", "沪A12345")
    await wang.answers("车主", "李安")
    await wang.chooses("车辆用途", "家用")
    await wang.chooses("严重安全性能故障", "不是")
    await wang.answers("车辆启用日期", "2025-03-15")
    await wang.chooses("依据是什么", "购车发票")
    await wang.answers("维修工单号", "RO-20260903-07")
    await wang.answers("开单时间", "2026-09-08 09:20")
    await wang.answers("完工时间", "2026-09-08 16:40")
    await wang.answers("索赔哪些费用", "2h")
    await wang.answers("合计 ¥320.00", "EX-06H906036 ×1 1280.50")
    await wang.chooses("合计 ¥1,600.50", "就这些")
    await wang.chooses("剩 29 天", "保存")
    # the card and the word that it is complete may come in either order
    await wang.has_heard("合计 ¥1,600.50")
    await wang.has_heard("已补全")
