"""What somebody needs so that they can come, as it looks over the wire."""

from typing import Any

from rest_framework import serializers


class AskedForSerializer(serializers.Serializer[Any]):
    """What somebody needs so that they can come; never why. It stands on their record, for all their appointments."""

    needs = serializers.ListField(child=serializers.CharField(), source="access_needs")
    interpreter = serializers.CharField(help_text="The language that somebody is to interpret; empty: nobody is.")
