/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Never compiled: words that come out of the store and are shown through the catalogue, here for the translators.
 */
const char *const words[] = {
    /* how well a contact was found */
    N_("exact"),
    N_("fold"),
    N_("near"),
    /* and by what */
    N_("name"),
    N_("organisation"),
    N_("post"),
    N_("address"),
    N_("phone"),
    N_("city"),
    N_("tag"),
    N_("note"),
    /* an event, an answer and its state, and who says so */
    N_("planned"),
    N_("accepted"),
    N_("declined"),
    N_("tentative"),
    N_("delegated"),
    N_("question"),
    N_("rejected"),
    N_("person"),
    /* what the words of a mail say */
    N_("accept"),
    N_("decline"),
    N_("delegate"),
    /* what was decided on two contacts that are perhaps one */
    N_("proposed"),
    N_("merged"),
    N_("distinct"),
    /* states of an address */
    N_("unverified"),
    N_("good"),
    N_("soft"),
    N_("held"),
    N_("dead"),
    N_("replaced"),
};
