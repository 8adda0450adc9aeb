"""How the machine is seen to be well: room on the disk, steps of the work, time that has passed, discreet logs."""
