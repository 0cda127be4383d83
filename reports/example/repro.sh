#!/bin/sh
# Runs the same plan again: the seed draws every random choice.
exec npx hanglab run upload-burst --seed 316 --defect cascade-takes-engine-permit "$@"
