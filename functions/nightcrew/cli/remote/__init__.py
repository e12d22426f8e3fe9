"""``nightcrew --url``: the same commands, answered by the HTTP API of a deployed installation (docs/api.md)."""
