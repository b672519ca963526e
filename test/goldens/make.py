"""Makes every golden file in this folder, by running each make_*.py in turn.

    python -m venv venv && venv/bin/pip install -r requirements.txt
    venv/bin/python make.py

All numbers are float64; seeds are fixed, so that two runs on one machine write the same bytes (another machine may differ in the
last digits). The tests read only the JSON files: nobody needs Python to run them.
"""

import subprocess
import sys
from pathlib import Path

for script in sorted(Path(__file__).parent.glob("make_*.py")):
    subprocess.run([sys.executable, str(script)], check=True)
