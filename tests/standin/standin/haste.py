"""What moto does anew for each call or each world though it always comes to the same, done once. No rules here."""

import copy
import gc
from functools import cache
from types import SimpleNamespace

from moto.core import responses
from moto.iam.models import IAMBackend, ManagedPolicy

# So many new objects before Python looks for garbage: a call makes thousands, and hardly any cycle.
GARBAGE = 100_000


def install() -> None:
    """Puts it in place of moto's own."""
    responses.method_names_from_class = cache(responses.method_names_from_class)
    policies = IAMBackend._init_aws_policies

    @cache
    def pristine(account: str, region: str) -> list[ManagedPolicy]:
        return policies(SimpleNamespace(account_id=account, region_name=region))

    def own(backend: IAMBackend) -> list[ManagedPolicy]:
        # Of a policy of AWS's nothing can change but how often it is attached.
        return [copy.copy(policy) for policy in pristine(backend.account_id, backend.region_name)]

    IAMBackend._init_aws_policies = own
    gc.set_threshold(GARBAGE, 20, 100)


def settle() -> None:
    """Between worlds: what is still there stays, and needn't be looked at again."""
    gc.collect()
    gc.freeze()
