"""Times as people write and read them: the same everywhere."""

from nightcrew.api.times import short as short  # noqa: PLC0414
from nightcrew.api.times import since as since  # noqa: PLC0414
from nightcrew.api.times import span as span  # noqa: PLC0414
from nightcrew.api.times import took as took  # noqa: PLC0414
from nightcrew.api.times import until as until  # noqa: PLC0414
from nightcrew.api.times import whole as whole  # noqa: PLC0414
