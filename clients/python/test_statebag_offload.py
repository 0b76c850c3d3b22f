import json
import pathlib
import random
import unittest

import statebag_offload
from statebag_offload import BudgetExceeded, ObjectMissing, hydrate, is_pointer, offload

ROOT = pathlib.Path(__file__).resolve().parents[2]
VECTORS = json.loads((ROOT / "packages/offload/vectors/pointer-format.json").read_text())
PLACE = VECTORS["place"]


class MemoryStore:
    def __init__(self, objects=()):
        self.objects = {key: body.encode() for key, body in dict(objects).items()}

    def put(self, bucket, key, body):
        self.objects.setdefault(key, body)

    def read(self, bucket, key, offset, length):
        if key not in self.objects:
            raise ObjectMissing(key)
        return self.objects[key][offset : offset + length]


class Reader(unittest.TestCase):
    def test_reads_what_was_written(self):
        for vector in VECTORS["read"]:
            with self.subTest(vector["name"]):
                read = hydrate(
                    vector["payload"], **PLACE, reads=vector.get("reads"), store=MemoryStore(vector["objects"])
                )
                self.assertEqual(read, vector["value"])

    def test_refuses(self):
        for vector in VECTORS["refused"]:
            with self.subTest(vector["name"]):
                with self.assertRaises(getattr(statebag_offload, vector["error"])):
                    hydrate(vector["payload"], **PLACE, store=MemoryStore(vector["objects"]))

    def test_leaves_data_alone(self):
        for vector in VECTORS["data"]:
            with self.subTest(vector["name"]):
                self.assertFalse(is_pointer(vector["value"]))
                self.assertEqual(hydrate([vector["value"]], **PLACE, store=MemoryStore()), [vector["value"]])


class Writer(unittest.TestCase):
    def test_round_trip_within_the_budget(self):
        left = 0
        for seed in range(500):
            value = {"reply": _any_json(random.Random(seed), 4)}
            store = MemoryStore()
            try:
                reply = offload(value, **PLACE, budget=900, store=store)
            except BudgetExceeded:
                continue
            left += len(store.objects)
            self.assertLessEqual(len(json.dumps(reply, ensure_ascii=False, separators=(",", ":")).encode()), 900)
            self.assertEqual(hydrate(reply, **PLACE, store=store), value, f"seed {seed}")
        self.assertGreater(left, 50)

    def test_keeps_what_it_is_told_to(self):
        items = [{"id": f"clause {number}", "text": "x" * 2_000} for number in range(20)]
        reply = offload({"items": items}, **PLACE, budget=10_000, keep=["items[*].id"], store=MemoryStore())
        self.assertEqual([item["id"] for item in reply["items"]], [item["id"] for item in items])


def _any_json(chance, depth):
    kind = chance.randrange(8 if depth else 4)
    if kind == 0:
        return chance.choice([None, True, False, 0, -3, 2.5, "", "é😀"])
    if kind < 4:
        return chance.choice("abc") * chance.randrange(1_500)
    if kind < 6:
        return [_any_json(chance, depth - 1) for _ in range(chance.randrange(5))]
    names = chance.sample(["a", "b", "at", "sha256", "@offloaded", "@escaped"], chance.randrange(5))
    return {name: _any_json(chance, depth - 1) for name in names}


if __name__ == "__main__":
    unittest.main()
