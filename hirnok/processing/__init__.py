"""Operator as processor, tenant as controller: the data-processing agreement, instructions, sub-processors, audits."""
