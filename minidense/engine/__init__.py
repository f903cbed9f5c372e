"""Operations that know their gradients, traced once, run as a program of NumPy calls.

How a user's loss becomes a program. The loss, and a step that makes it smaller, are written in
operations (`operation`): each is a kernel in plain NumPy and its gradient, made of operations too.

>>> import numpy as np
>>> from minidense import Variable, ops
>>> from minidense.engine import program, rewrites, tape, trace
>>> kernel = Variable(np.float32([[1.0], [2.0]]))
>>> def loss(y_true, y_pred):
...     return ops.mean(ops.square(y_pred - y_true))
>>> def step(x, y):
...     with tape.Tape() as noted:
...         value = loss(y, ops.matmul(x, kernel))
...     kernel.assign_sub(0.1 * noted.gradients(value, [kernel])[0])
...     return [value]

A tape notes the calls (`tape`), and the way back goes through them from the last to the first
(`gradients`). A trace runs the step once, on tensors without numbers (`trace`, `specs`): what it
notes is all that the step does, for any number of rows. The first four calls are the loss, the
last two the update, and between them is the way back.

>>> made = trace.trace(step, [((None, 2), "float32"), ((None, 1), "float32")])
>>> " ".join(call.operation.name for call in made.calls[:9])
'matmul_2d subtract square mean ones_like broadcast_like share_of true_divide multiply'
>>> " ".join(call.operation.name for call in made.calls[9:])
'multiply sum_to transpose matmul_2d multiply subtract'

It is rewritten as TensorFlow rewrites a graph (`rewrites`). Then, for one number of rows, the
kernels are run on arrays that note which calls of NumPy they make (`traced`, `notes`). These calls,
on arrays that share what memory they can (`sharing`), are the program (`program`). `function` makes
traces and programs when they are needed.

>>> rewrites.rewritten(made)
>>> run = program.Program(made, [(4, 2), (4, 1)])
>>> for line in str(run).splitlines():
...     print(line.strip())
matmul_2d    matmul_2d(float32[4, 2], float32[2, 1]) -> float32[4, 1]
subtract     subtract(float32[4, 1], float32[4, 1]) -> float32[4, 1]
square       square(float32[4, 1]) -> float32[4, 1]
mean         add.reduce(float32[4], axis=-1) -> float32
mean         divide(float32, float32) -> float32
true_divide  divide(float32[4, 1], float32) -> float32[4, 1]
multiply     multiply(float32[4, 1], float32) -> float32[4, 1]
multiply     multiply(float32[4, 1], float32[4, 1]) -> float32[4, 1]
matmul_2d    setitem(float32[4]) -> float32[4]
matmul_2d    setitem(float32[4]) -> float32[4]
matmul_2d    matmul(float32[2, 4], float32[4, 2]) -> float32[2, 2]
matmul_2d    setitem(float32[2, 1]) -> float32[2, 1]
multiply     multiply(float32, float32[2, 1]) -> float32[2, 1]
subtract     subtract(float32[2, 1], float32[2, 1]) -> float32[2, 1]
>>> run.inputs[0][:], run.inputs[1][:] = [[1, 0]] * 4, 3
>>> run()
>>> run.outputs[0], kernel.numpy()
(array(4., dtype=float32), array([[1.4],
       [2. ]], dtype=float32))
"""
