"""What may listen to a run of `fit`, `evaluate` or `predict`, and how the hooks are called.

Answers to `keras.callbacks` (`keras/src/callbacks`).
"""

from minidense.callbacks.callback import Callback, TrainedModel
from minidense.callbacks.callback_list import CallbackList
from minidense.callbacks.history import History
from minidense.callbacks.lambda_callback import LambdaCallback
from minidense.callbacks.logs import Logs, LogsSource, pythonify_logs
from minidense.callbacks.progbar_logger import ProgbarLogger

__all__ = [
    "Callback",
    "CallbackList",
    "History",
    "LambdaCallback",
    "Logs",
    "LogsSource",
    "ProgbarLogger",
    "TrainedModel",
    "pythonify_logs",
]
