# SPDX-License-Identifier: Apache-2.0
"""What is measured, its budgets, and what others need for the same. Knows names and
numbers; how they are measured is not known here.

Budgets are bytes on Cortex-M4 at -Os (docs/DESIGN.md). `headers`: each with the struct
whose verbs it declares, all of which are linked; `also`: functions beside them; `keeps`:
structs that a program keeps in static RAM. `code_held`: a budget that is not
met yet (the table says NO); what fails is more than this. `painted`: names in the list
that tests/chip/count/stack.py prints. `against`: other projects' figures, built with the
same compiler, as docs/DESIGN.md's decisions took them.
"""

STACK_BUDGET = 768

NOT_IN_README = {"bootloader"}  # ferry-boot again, and a few calls

LIBRARIES = [
    {"name": "ferry-device", "archives": ["ferry-device"],
     "headers": {"device.h": "ferry_device"}, "also": ["ferry_ticket_holds"],
     "keeps": ["ferry_device"], "painted": ["ferry-device"],
     "code_budget": 9216, "code_stretch": 8192, "ram_budget": 512,
     "stack_budget": STACK_BUDGET,
     "against": "mcumgr's image upload alone 8.2 KB, RAM 1.2 KB, stack 1.9 KB; "
                "Nordic's DFU core without crypto 8.9 KB, RAM 6 KB; "
                "AWS OTA agent 17.9 KB, RAM 1.8 KB"},
    {"name": "device with app journal", "archives": ["ferry-device"],
     "headers": {"device.h": "ferry_device", "app_journal.h": "ferry_app_journal"},
     "also": ["ferry_handoff_planned", "ferry_handoff_expired"],
     "keeps": ["ferry_device", "ferry_app_journal"], "stack_budget": STACK_BUDGET,
     "painted": ["ferry-device", "start of its journal"]},
    {"name": "ferry-boot", "archives": ["ferry-boot"], "headers": {"boot.h": None},
     "also": ["ferry_boot", "ferry_identity_open"], "keeps": [],
     "painted": ["ferry-boot"],
     "code_budget": 5120, "code_stretch": 4096, "ram_budget": 128,
     "stack_budget": STACK_BUDGET,
     "against": "MCUboot's boot logic alone 2.0 KB"},
    {"name": "ferry-courier", "archives": ["ferry-courier"],
     "headers": {"courier.h": "ferry_courier"}, "also": [], "keeps": ["ferry_courier"],
     "painted": ["ferry-courier"]},
    {"name": "bootloader", "archives": ["ferry-boot"], "headers": {"boot.h": None},
     "also": ["decide"], "keeps": ["ferry_identity", "ferry_map", "ferry_handoff"],
     "with": "bootloader.c", "stack_budget": STACK_BUDGET,
     "against": "MCUboot, direct XIP, Ed25519 included 18.9 KB"},
    {"name": "bootloader with recovery", "archives": ["ferry-recovery"],
     "headers": {"boot.h": None, "device.h": None, "app_journal.h": None},
     "also": ["decide", "recover"],
     "keeps": ["ferry_identity", "ferry_map", "ferry_handoff", "ferry_device",
               "ferry_app_journal"],
     "with": "bootloader.c", "code_budget": 15360, "stack_budget": STACK_BUDGET,
     "against": "Nordic's secure bootloader, crypto included 24.6 KB; "
                "mcumgr and MCUboot, crypto included 27.1 KB"},
]
