"""The guards: one function each, the condition and its message together.

A guard returns nothing, or the value in its proper form, or raises. The exception class is the one
that Keras raises for the same call; the words are our own. A message names the argument and the
value, and never prints an array.
"""

from minidense.checks.arguments import *
from minidense.checks.arrays import *
from minidense.checks.keys import *
from minidense.checks.message import *
from minidense.checks.models import *
from minidense.checks.products import *
from minidense.checks.shapes import *
from minidense.checks.tapes import *
from minidense.checks.targets import *
from minidense.checks.training import *
