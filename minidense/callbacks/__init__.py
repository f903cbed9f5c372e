"""What may listen to a run of `fit`, `evaluate` or `predict`, and how the hooks are called.

Mirrors `keras.callbacks` (`keras/src/callbacks`).
"""

from minidense.callbacks.callback import Callback
from minidense.callbacks.callback_list import CallbackList
from minidense.callbacks.history import History
from minidense.callbacks.lambda_callback import LambdaCallback
from minidense.callbacks.progbar_logger import ProgbarLogger

__all__ = ["Callback", "CallbackList", "History", "LambdaCallback", "ProgbarLogger"]
