"""What must not be seen: ids become placeholders, names and the token go."""

import re

# No id is shorter, and no size or count that is of interest is as long.
_LONG_NUMBER = re.compile(r"\d{9,}")
_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]*\Z")
LONGEST_MESSAGE = 300


class Placeholders:
    """Stable placeholders of the ids of one account."""

    def __init__(self, token):
        self._token, self._ids, self._counts, self._names = token, {}, {}, set()

    def learn(self, kind, identity):
        """The placeholder of an id: a1, a2, c1, ...; kind: its first letter."""
        identity = str(identity)
        if identity not in self._ids:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._ids[identity] = "%s%d" % (kind, self._counts[kind])
        return self._ids[identity]

    def learn_name(self, name):
        if isinstance(name, str) and name.strip():
            self._names.add(name)

    def clean(self, text):
        """A text of our own, without what may have got into it."""
        if self._token:
            text = text.replace(self._token, "(token)")
        for identity in sorted(self._ids, key=len, reverse=True):
            # A short id would be found within other numbers.
            text = re.sub(r"(?<!\d)%s(?!\d)" % re.escape(identity),
                          self._ids[identity], text)
        return _LONG_NUMBER.sub("#", text)

    def message(self, text):
        """A message of Pinterest's, which may say anything."""
        for name in sorted(self._names, key=len, reverse=True):
            text = text.replace(name, "(name)")
        text = self.clean(" ".join(text.split()))
        if len(text) > LONGEST_MESSAGE:
            text = text[:LONGEST_MESSAGE] + "..."
        return text

    def clean_all(self, value):
        """The same for anything that JSON can write."""
        if isinstance(value, dict):
            return {self.clean(str(name)): self.clean_all(one)
                    for name, one in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.clean_all(one) for one in value]
        return self.clean(value) if isinstance(value, str) else value


def constants(names):
    """Names in capitals, as Pinterest's own are; any others are withheld."""
    return sorted({name if _CONSTANT.match(name) else "(other)"
                   for name in map(str, names)})
