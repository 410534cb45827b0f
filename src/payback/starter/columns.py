"""What the columns of a table are called, in English, Chinese and Indonesian, and what the ledger calls them.

The first name that a file has is taken; names that are alike twice are nobody's and become a question.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_TIMES = "time timestamp created_at created started_at start_time datetime event_time date 时间 时间戳 创建时间 调用时间 日期 waktu tanggal dibuat"
_DAYS = (
    "day date invoice_date booking_date month 日期 账单日期 记账日期 月份 tanggal tanggal_faktur hari bulan"
)
_TASKS = (
    "task task_id ticket ticket_id case case_id issue issue_id document document_id doc_id invoice invoice_id "
    "order_id item_id 任务 任务编号 工单 工单号 单号 发票号 文档编号 tugas id_tugas tiket id_tiket nomor_tiket "
    "dokumen id_dokumen faktur nomor_faktur"
)
_CURRENCY = "currency currency_code ccy billing_currency 币种 货币 mata_uang"
_AMOUNT = "amount amount_usd amount_eur amount_cny amount_idr cost total net_amount 金额 费用 成本 jumlah biaya total_biaya"
_USE_CASE = "use_case usecase 用例 kasus_penggunaan"

SYNONYMS: Mapping[str, Mapping[str, str]] = {
    "usage": {
        "time": _TIMES,
        "use_case": _USE_CASE,
        "arm": "arm variant agent_version 方案 varian",
        "task": _TASKS,
        "trial": "trial attempt 次数 percobaan",
        "provider": "provider vendor 供应商 penyedia",
        "model": "model model_name model_id 模型 模型名称 nama_model",
        "service": "service service_name application app 服务 应用 layanan aplikasi",
        "input_tokens": "input_tokens prompt_tokens tokens_in 输入token 输入tokens 输入令牌 token_masuk token_input",
        "cached_tokens": "cached_tokens",
        "output_tokens": "output_tokens completion_tokens tokens_out 输出token 输出tokens 输出令牌 token_keluar token_output",
        "stated_cost": "stated_cost cost cost_usd total_cost spend 费用 成本 biaya",
        "stated_currency": _CURRENCY,
        "seconds": "seconds duration_s duration_seconds latency_s 秒 秒数 detik",
        "error": "error error_type error_code 错误 kesalahan",
        "user": "user user_id username user_name email 用户 用户名 pengguna",
        "trace": "trace trace_id 追踪编号",
        "span": "span span_id",
        "tags": "tags",
    },
    "outcome": {
        "use_case": _USE_CASE,
        "task": f"{_TASKS} id 编号 nomor",
        "arm": "arm variant agent_version 方案 varian",
        "trial": "trial attempt 次数 percobaan",
        "decided_at": "decided_at resolved_at closed_at completed_at reviewed_at checked_at finished_at 完成时间 解决时间 审核时间 "
        f"关闭时间 selesai_pada ditutup_pada diperiksa_pada {_TIMES}",
        "accepted": "accepted approved resolved is_accepted is_approved is_resolved solved passed success status 通过 是否通过 已通过 "
        "接受 已接受 已解决 是否解决 状态 diterima disetujui selesai lulus",
        "minutes": "minutes review_minutes handling_minutes minutes_spent 分钟 分钟数 用时分钟 menit durasi_menit",
        "rework_minutes": "rework_minutes 返工分钟 menit_perbaikan",
        "reason": "reason rejection_reason 原因 拒绝原因 alasan",
        "trace": "trace trace_id 追踪编号",
    },
    "bill_line": {
        "day": f"invoice_date 账单日期 tanggal_faktur {_DAYS}",
        "account": "account account_id billing_account 账户 akun",
        "service": "service service_name product 服务 产品 layanan produk",
        "model": "model model_name 模型",
        "billed": f"billed amount_due invoiced billed_cost 账单金额 应付金额 tagihan jumlah_tagihan {_AMOUNT}",
        "currency": _CURRENCY,
        "use_case": _USE_CASE,
    },
    "cost": {
        "day": _DAYS,
        "use_case": _USE_CASE,
        "category": "category cost_category 类别 费用类别 kategori",
        "amount": _AMOUNT,
        "currency": _CURRENCY,
        "evidence": "evidence",
        "note": "note notes memo 备注 摘要 keterangan catatan",
    },
    "value": {
        "day": _DAYS,
        "use_case": _USE_CASE,
        "kind": "kind value_kind",
        "amount": _AMOUNT,
        "hours": "hours 小时 jam",
        "currency": _CURRENCY,
        "evidence": "evidence",
    },
}
"""By table: the ledger's column and what files call it, the likeliest first."""

BILLS = ("bill", "invoice", "账单", "发票", "tagihan", "faktur")
"""Words in the name of a file or a column that say money was invoiced."""
CURRENCIES = {
    "usd": "USD", "$": "USD", "eur": "EUR", "€": "EUR", "gbp": "GBP", "£": "GBP", "cny": "CNY", "rmb": "CNY", "人民币": "CNY",
    "元": "CNY", "idr": "IDR", "rp": "IDR", "rupiah": "IDR", "jpy": "JPY", "inr": "INR", "sgd": "SGD", "brl": "BRL",
}  # fmt: skip
"""What a header may say of the currency: amount_eur, 金额(元), Biaya (Rp)."""
TERRITORIES = {
    "CNY": "CN", "IDR": "ID", "EUR": "DE FR IT ES NL AT BE IE PT FI GR SK SI LT LV EE LU MT CY HR",
    "GBP": "GB", "JPY": "JP", "INR": "IN", "SGD": "SG", "BRL": "BR", "CHF": "CH", "CAD": "CA", "AUD": "AU",
    "KRW": "KR", "PLN": "PL", "SEK": "SE", "DKK": "DK", "NOK": "NO", "CZK": "CZ", "TRY": "TR", "MXN": "MX",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mapped:
    """A table that a file seems to fill: ledger column = the file's. `twice` are names that two columns have."""

    table: str
    columns: Mapping[str, str]
    twice: tuple[str, ...] = ()


def alike(name: str) -> str:
    """The name without case, spaces and signs, and without a unit in brackets."""
    bare = unicodedata.normalize("NFKC", name).casefold().split("(")[0]
    return "".join(letter for letter in bare if letter.isalnum())


def tables(header: Sequence[str], file_name: str) -> list[Mapped]:
    """The tables a file with this header seems to fill, from its names alone."""
    found = {table: _mapped(table, header) for table in SYNONYMS}
    usage, outcome, bill = (found[table] for table in ("usage", "outcome", "bill_line"))
    chosen = []
    if "time" in usage.columns and ("input_tokens" in usage.columns or "output_tokens" in usage.columns):
        chosen.append(usage)
    if "task" in outcome.columns and ("accepted" in outcome.columns or "minutes" in outcome.columns):
        chosen.append(outcome)
    if chosen:
        return chosen
    if {"kind", "evidence", "day"} <= found["value"].columns.keys():
        return [found["value"]]
    if {"day", "category", "amount"} <= found["cost"].columns.keys():
        return [found["cost"]]
    if {"day", "billed"} <= bill.columns.keys():
        said = any(word in name.casefold() for word in BILLS for name in (*header, file_name))
        if said or "account" in bill.columns:
            return [bill]
        return [found["cost"]]  # without a category: asked for
    return []


def _mapped(table: str, header: Sequence[str]) -> Mapped:
    """Each column of the ledger by the first of its names the header has; no column of the file twice."""
    by_name: dict[str, list[str]] = {}
    for name in header:
        by_name.setdefault(alike(name), []).append(name)
    columns: dict[str, str] = {}
    twice = []
    for column, names in SYNONYMS[table].items():
        for name in (column, *names.split()):
            held = by_name.get(alike(name), [])
            if not held or held[0] in columns.values():
                continue
            if len(held) > 1:
                twice += held
                continue
            columns[column] = held[0]
            break
    return Mapped(table, columns, tuple(dict.fromkeys(twice)))


def currency_in(header: Sequence[str]) -> str | None:
    """The one currency that names of columns speak of, if it is one."""
    found = set()
    for name in header:
        folded = name.casefold()
        words = "".join(letter if letter.isalnum() else " " for letter in folded).split()
        found |= {
            code
            for word, code in CURRENCIES.items()
            if word in words or (not word.isascii() and word in folded)
        }
        found |= {"USD"} if "$" in name else set()
    return found.pop() if len(found) == 1 else None


def currency_of_language(language: str) -> str | None:
    """The currency of the land that LANG names: de_DE.UTF-8 is EUR."""
    land = language.split(".", maxsplit=1)[0].split("@", maxsplit=1)[0].partition("_")[2].upper()
    return next((code for code, lands in TERRITORIES.items() if land in lands.split()), None)
