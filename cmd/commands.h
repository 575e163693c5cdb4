/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Every command: its words, its function, its arguments as the help shows them (NULL: only we start it).
 * One line each; the build makes the declarations out of it (gen/cmd_functions.h), main.c the table.
 */
COMMAND("db init", cmd_db_init, "")
COMMAND("db upgrade", cmd_db_upgrade, "")
COMMAND("db status", cmd_db_status, "")
COMMAND("user add", cmd_user_add, "NAME --role clerk|head|admin --department D [--department-name N]")
COMMAND("user list", cmd_user_list, "")
COMMAND("user disable", cmd_user_disable, "NAME")
COMMAND("contact find", cmd_contact_find, "TEXT")
COMMAND("contact show", cmd_contact_show, "ID|ADDRESS")
COMMAND("contact list", cmd_contact_list, "[--category C] [--department D] [--language L]")
COMMAND("contact add", cmd_contact_add, "[--kind person|organisation] --name N [--email A] [--organisation O] ...")
COMMAND("contact edit", cmd_contact_edit, "ID|ADDRESS [--language L] [--salutation S] [--state S] ...")
COMMAND("contact history", cmd_contact_history, "ID|ADDRESS")
COMMAND("template check", cmd_template_check, "DIR")
COMMAND("contact read", cmd_contact_read, "FILE [--encoding E] [--delimiter C]")
COMMAND("template render", cmd_template_render, "TEMPLATE.mustache --data FILE.json [--partials DIR]")
COMMAND("event add", cmd_event_add, "--start T --end T [--reply-by D] [--department D] --name-LANG N --place-LANG P ...")
COMMAND("event list", cmd_event_list, "")
COMMAND("event show", cmd_event_show, "ID")
COMMAND("event answers", cmd_event_answers, "ID")
COMMAND("imap-worker", cmd_imap_worker, NULL)
COMMAND("register", cmd_register,
        "contacts|meetings|letters|mailing|event -o FILE.xlsx|csv [--mailing ID] [--event ID] [--from DATE] [--to DATE] "
        "[--department D] [--language L]")
COMMAND("cage", cmd_cage, NULL)
