"""Which attributes are looked at, and what they fill: the allow-list. Nothing else of a span is ever held.

Three vocabularies say the same in other words: OpenTelemetry's GenAI names (new before old), OpenInference
and OpenLLMetry; OpenLIT and Claude Code have words of their own. docs/formats/otlp.md names the sources.
"""

from __future__ import annotations

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, ...]] = {
    "operation": ("gen_ai.operation.name",),
    "kind": ("openinference.span.kind",),
    "step": ("traceloop.span.kind",),
    "request_type": ("llm.request.type",),
    "span_type": ("span.type",),
    "event": ("event.name",),
    "provider": ("gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system"),
    "model": (
        "gen_ai.response.model",
        "llm.response.model",
        "gen_ai.request.model",
        "llm.request.model",
        "llm.model_name",
        "embedding.model_name",
    ),
    "plain_model": ("model",),
    "service_tier": ("openai.response.service_tier", "gen_ai.openai.response.service_tier"),
    "speed": ("speed",),
    "response": ("gen_ai.response.id",),
    "request": ("request_id",),
    "sequence": ("event.sequence",),
    "error": ("error.type",),
    "currency": ("gen_ai.usage.cost.currency",),
    "session": (
        "gen_ai.conversation.id",
        "session.id",
        "traceloop.association.properties.session_id",
    ),
    "user": ("user.id", "enduser.id", "traceloop.association.properties.user_id"),
    "service": ("service.name",),
    "use_case": ("payback.use_case",),
    "task": ("payback.task",),
    "arm": ("payback.arm",),
    "trial": ("payback.trial",),
    "agent": ("gen_ai.agent.name",),
    "environment": ("deployment.environment.name", "deployment.environment"),
    "version": ("service.version",),
    "check": ("gen_ai.evaluation.name",),
    "label": ("gen_ai.evaluation.score.label",),
}
"""Texts, by what they fill; of several names the first that is there counts."""

TOKENS: Mapping[str, tuple[str, ...]] = {
    "input": ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt", "llm.usage.prompt_tokens"),
    "cached": (
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_read_input_tokens",
        "llm.token_count.prompt_details.cache_read",
        "llm.usage.cache_read_input_tokens",
    ),
    "written": (
        "gen_ai.usage.cache_creation.input_tokens",
        "gen_ai.usage.cache_creation_input_tokens",
        "llm.token_count.prompt_details.cache_write",
        "llm.usage.cache_creation_input_tokens",
    ),
    "output": (
        "gen_ai.usage.output_tokens",
        "gen_ai.usage.completion_tokens",
        "llm.token_count.completion",
        "llm.usage.completion_tokens",
    ),
    "reasoning": (
        "gen_ai.usage.reasoning.output_tokens",
        "gen_ai.usage.reasoning_tokens",
        "llm.token_count.completion_details.reasoning",
        "llm.usage.reasoning_tokens",
    ),
    "plain_input": ("input_tokens",),
    "plain_cached": ("cache_read_tokens",),
    "plain_written": ("cache_creation_tokens",),
    "plain_output": ("output_tokens",),
    "milliseconds": ("duration_ms",),
}  # fmt: skip
"""Counts. The plain ones are Claude Code's; its input leaves out the cache, everybody else's includes it."""

DECIMALS: Mapping[str, tuple[str, ...]] = {
    "cost": ("gen_ai.usage.cost.amount", "gen_ai.usage.cost", "llm.cost.total"),
    "plain_cost": ("cost_usd",),
    "accepted": ("payback.outcome.accepted",),
    "score": ("gen_ai.evaluation.score.value",),
}

TAG = "payback.tag."
"""Attributes that begin so are tags."""

OF_A_RESOURCE = (
    "session", "user", "service", "use_case", "task", "arm", "trial", "environment", "version",
)  # fmt: skip
"""What may stand once for all spans of a resource; a span's own counts first."""

INHERITED = frozenset({"use_case", "task", "arm", "trial", "response"})
"""What an event of a span takes over from it."""

EVALUATION = "gen_ai.evaluation.result"
"""The event of a result that was checked."""
CLAUDE_CODE = frozenset({"claude_code.api_request", "api_request"})
"""The events Claude Code logs of each of its calls."""

SLOTS: Mapping[str, tuple[str, int]] = {
    key: (slot, rank)
    for table in (TEXTS, TOKENS, DECIMALS)
    for slot, keys in table.items()
    for rank, key in enumerate(keys)
}
"""What an attribute fills, and which of several it is."""

CALLS = frozenset({"chat", "generate_content", "text_completion", "embeddings"})
"""Operations that are a call of a model; the others make some, and repeat what those used."""
REQUEST_TYPES = frozenset({"chat", "completion", "embedding", "embeddings"})
EMBEDDINGS = frozenset({"embeddings", "EMBEDDING", "embedding"})
LONGEST = 1000
"""Letters of a name or an id; a longer text was not meant as one, and is not held."""
