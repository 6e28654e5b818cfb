import pytest
from support.world.every_role import *
from desk.test_rights import Judge
pytestmark = pytest.mark.sqlite_first
def test_it(world, desk, phone):
    people = settle(world, desk, phone)
    offers = Offers(world)
    for name in ("huyen", "xa1"):
        offers.crawl(name, people[name], 1)
    some = [a for a in offers.found.values() if a.route.startswith(("rescue.", "handovers.record"))]
    for a in some:
        print(a.method, a.route, a.unit, a.makers, a.owner)
    judge = Judge(world, people)
    for a in some:
        judge.offered(a)
    print(judge.counted)
    for w in judge.wrong: print(w)
    assert judge.wrong == []
