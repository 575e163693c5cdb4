/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Lines by hand, over whatever driver lies under the stream: they share libetpan's buffers with it.
 */
#include "mail/wire/stream_low.h"

int stream_write(mailstream *stream, const char *bytes, size_t len, size_t *handed_r, struct err *err)
{
    size_t handed = 0;
    must(stream->write_buffer_len == 0);
    while (handed < len) {
        ssize_t n = stream->low->driver->mailstream_write(stream->low, bytes + handed, len - handed);
        if (n < 0)
            break;
        handed += (size_t)n;
    }
    if (handed_r)
        *handed_r = handed;
    return handed == len ? 0 : stream_explain(stream, err);
}

int stream_read_line(mailstream *stream, char *line, size_t size, struct err *err)
{
    const char *end;
    size_t seen = 0;
    while (!(end = memchr(stream->read_buffer + seen, '\n', stream->read_buffer_len - seen))) {
        seen = stream->read_buffer_len;
        if (seen == stream->buffer_max_size)
            return err_set(err, ERR_AWAY, "the server sent a line that is too long");
        ssize_t n = stream->low->driver->mailstream_read(stream->low, stream->read_buffer + seen,
                                                         stream->buffer_max_size - seen);
        if (n < 0)
            return stream_explain(stream, err);
        stream->read_buffer_len += (size_t)n;
    }
    size_t taken = (size_t)(end - stream->read_buffer) + 1, len = taken - 1;
    if (len && stream->read_buffer[len - 1] == '\r')
        len--;
    if (len >= size)
        return err_set(err, ERR_AWAY, "the server sent a line that is too long");
    for (size_t i = 0; i < len; i++)
        line[i] = stream->read_buffer[i] ? stream->read_buffer[i] : '?';
    line[len] = 0;
    stream->read_buffer_len -= taken;
    memmove(stream->read_buffer, stream->read_buffer + taken, stream->read_buffer_len);
    return 0;
}
