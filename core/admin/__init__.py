"""The ground in Django's admin: accounts, roles, tokens, policies, and what tables to look at share."""

from core.admin.accounts import PersonAdmin
from core.admin.policies import PolicyAdmin
from core.admin.read_only import ReadOnly, ReadOnlyPermissions, may_read
from core.admin.roles import RoleAdmin
from core.admin.tokens import TokenAdmin

__all__ = ["PersonAdmin", "PolicyAdmin", "ReadOnly", "ReadOnlyPermissions", "RoleAdmin", "TokenAdmin", "may_read"]
