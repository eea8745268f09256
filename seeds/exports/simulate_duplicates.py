"""Make source records of customers who are entered more than once, and the truth about who is who.

    python seeds/exports/simulate_duplicates.py --out DIR --truth FILE --records N [--seed 7]
        [--name-and-address-only] [--no-duplicates]

The same seed gives the same bytes, and memory does not grow with the number of records. What is planted is told in
seeds/simulator/duplicates.py.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from simulator.duplicates import write


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder for the exports")
    parser.add_argument("--truth", type=Path, required=True, help="CSV file for the planted truth")
    parser.add_argument("--records", type=int, required=True, help="source records over all systems")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--name-and-address-only", action="store_true", help="no mailboxes, domains, telephones, parents"
    )
    parser.add_argument("--no-duplicates", action="store_true", help="one record for each customer")
    asked = parser.parse_args()
    customers = write(
        asked.out,
        asked.truth,
        asked.records,
        asked.seed,
        asked.name_and_address_only,
        not asked.no_duplicates,
    )
    print(f"{customers} customers with {asked.records} records in {asked.out}")


if __name__ == "__main__":
    main()
