namespace Gatehouse.LogService.Streams.Redis;

/// <summary>
/// What must happen as one: Redis runs a script without anything between its steps. Lines are numbered from 0 within a generation. An entry of a
/// Redis stream holds up to <see cref="LogLimits.ChunkLines"/> lines and its id is <c>number of the first + 1</c>-<c>how many</c>, so that readers see from ids alone
/// where they are and what they missed.
/// </summary>
internal static class RedisScripts
{
    /// <summary>
    /// A generation that ended keeps its lines for a minute, for readers that are behind, and its facts as long as a tail may last: who reads on is
    /// told the end, and what it missed.
    /// </summary>
    private const string EndGeneration =
        """
        local function finish(prefix, generation, bytes)
          local facts = prefix .. generation
          local size = redis.call('HGET', facts, 'bytes')
          if size then
            redis.call('HSET', facts, 'ended', 1, 'sealed', 1)
            redis.call('EXPIRE', facts, 3700)
            redis.call('EXPIRE', facts .. ':lines', 60)
            redis.call('DECRBY', bytes, size)
          end
          redis.call('PUBLISH', facts, '')
        end

        """;

    /// <summary>KEYS: open, bytes. ARGV: prefix, key, generation, end of lifetime (Unix ms), seconds until Redis drops it in any case, most streams of an account. 0: too many.</summary>
    public const string Open = EndGeneration +
        """
        local before = redis.call('HGET', KEYS[1], ARGV[2])
        if not before and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[6]) then return 0 end
        if before then finish(ARGV[1], before, KEYS[2]) end
        local facts = ARGV[1] .. ARGV[3]
        redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
        redis.call('HSET', facts, 'first', 0, 'next', 0, 'numbered', 0, 'bytes', 0, 'sealed', 0, 'ended', 0, 'readers', 0, 'expires', ARGV[4])
        redis.call('EXPIRE', facts, ARGV[5])
        return 1
        """;

    /// <summary>
    /// KEYS: open, bytes. ARGV: prefix, key, number of the first line or -1, most lines, most bytes of the account, then for each entry how many
    /// lines and the lines. Answers -2: no such stream, -1: added; else nothing was added, and the number of the line that is wanted next.
    /// Trimming never takes the entry that was just written: a writer keeps its last lines.
    /// </summary>
    public const string Append =
        """
        local generation = redis.call('HGET', KEYS[1], ARGV[2])
        if not generation then return -2 end
        local facts = ARGV[1] .. generation
        local lines = facts .. ':lines'
        local f = redis.call('HMGET', facts, 'sealed', 'first', 'next', 'numbered', 'bytes')
        if f[1] ~= '0' then return -2 end
        local first, nxt, numbered, bytes = tonumber(f[2]), tonumber(f[3]), tonumber(f[4]), tonumber(f[5])
        local number = tonumber(ARGV[3])
        if number >= 0 and number ~= numbered then return numbered end
        local before, start = bytes, nxt
        for i = 6, #ARGV, 2 do
          redis.call('XADD', lines, string.format('%.0f-%s', nxt + 1, ARGV[i]), 'l', ARGV[i + 1])
          nxt = nxt + tonumber(ARGV[i])
          bytes = bytes + #ARGV[i + 1]
        end
        if start == 0 then redis.call('PEXPIRE', lines, redis.call('PTTL', facts)) end
        local used = redis.call('INCRBY', KEYS[2], bytes - before)
        local over = used > tonumber(ARGV[5])
        while nxt - first > tonumber(ARGV[4]) or over do
          local oldest = redis.call('XRANGE', lines, '-', '+', 'COUNT', 2)
          if #oldest < 2 then break end
          local count = tonumber(string.match(oldest[1][1], '%-(%d+)$'))
          if not over and nxt - first - count < tonumber(ARGV[4]) then break end
          redis.call('XTRIM', lines, 'MINID', oldest[2][1])
          first = first + count
          bytes = bytes - #oldest[1][2][2]
          used = redis.call('DECRBY', KEYS[2], #oldest[1][2][2])
          over = used > tonumber(ARGV[5])
        end
        if number >= 0 then numbered = numbered + nxt - start end
        redis.call('HSET', facts, 'first', string.format('%.0f', first), 'next', string.format('%.0f', nxt), 'numbered', string.format('%.0f', numbered), 'bytes', string.format('%.0f', bytes))
        redis.call('PUBLISH', facts, '')
        return -1
        """;

    /// <summary>KEYS: open. ARGV: prefix, key, whether it is sealed (1) or not (0). Answers the generation, or nothing when there is no such stream.</summary>
    public const string Seal =
        """
        local generation = redis.call('HGET', KEYS[1], ARGV[2])
        if not generation or redis.call('EXISTS', ARGV[1] .. generation) == 0 then return false end
        redis.call('HSET', ARGV[1] .. generation, 'sealed', ARGV[3])
        return generation
        """;

    /// <summary>KEYS: open. ARGV: prefix, key, what is noted of the key's blob.</summary>
    public const string NoteBlob =
        """
        local generation = redis.call('HGET', KEYS[1], ARGV[2])
        if generation and redis.call('EXISTS', ARGV[1] .. generation) == 1 then redis.call('HSET', ARGV[1] .. generation, 'earlier', ARGV[3]) end
        return 1
        """;

    /// <summary>KEYS: open, bytes. ARGV: prefix, key. Answers the end of the lifetime of what was removed. One that is not sealed is another one, opened meanwhile: it stays.</summary>
    public const string Remove = EndGeneration +
        """
        local generation = redis.call('HGET', KEYS[1], ARGV[2])
        if not generation then return false end
        local f = redis.call('HMGET', ARGV[1] .. generation, 'sealed', 'expires')
        if f[1] == '0' then return false end
        redis.call('HDEL', KEYS[1], ARGV[2])
        finish(ARGV[1], generation, KEYS[2])
        return f[2]
        """;

    /// <summary>KEYS: open. ARGV: prefix, key. Answers the generation, or nothing when there is no such stream.</summary>
    public const string Join =
        """
        local generation = redis.call('HGET', KEYS[1], ARGV[2])
        if not generation or redis.call('EXISTS', ARGV[1] .. generation) == 0 then return false end
        return generation
        """;

    /// <summary>KEYS: facts, lines. ARGV: number of the line that is wanted next, most entries. Answers ended, next, entries; nothing when the generation is forgotten.</summary>
    public const string Read =
        """
        local f = redis.call('HMGET', KEYS[1], 'ended', 'next')
        if not f[2] then return false end
        return {f[1], f[2], redis.call('XRANGE', KEYS[2], string.format('%.0f', tonumber(ARGV[1]) + 1), '+', 'COUNT', ARGV[2])}
        """;

    /// <summary>KEYS: facts. ARGV: 1 or -1. Facts that are forgotten are not made again.</summary>
    public const string CountReader =
        """
        if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HINCRBY', KEYS[1], 'readers', ARGV[1]) end
        return 1
        """;

    /// <summary>KEYS: due. ARGV: member, highest score. One that was opened again meanwhile has a higher one.</summary>
    public const string ForgetDue =
        """
        local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
        if score and tonumber(score) <= tonumber(ARGV[2]) then redis.call('ZREM', KEYS[1], ARGV[1]) end
        return 1
        """;

    /// <summary>
    /// KEYS: open, bytes. ARGV: prefix, key, now (Unix ms). Answers 1 when the open stream's lifetime is over. One whose facts Redis dropped (nobody
    /// closed it for a day) is taken off the list, and what the account has is added up anew.
    /// </summary>
    public const string IsOver =
        """
        local generation = redis.call('HGET', KEYS[1], ARGV[2])
        if not generation then return 0 end
        local expires = redis.call('HGET', ARGV[1] .. generation, 'expires')
        if expires then return tonumber(expires) <= tonumber(ARGV[3]) and 1 or 0 end
        redis.call('HDEL', KEYS[1], ARGV[2])
        local sum = 0
        for _, one in ipairs(redis.call('HVALS', KEYS[1])) do sum = sum + tonumber(redis.call('HGET', ARGV[1] .. one, 'bytes') or 0) end
        redis.call('SET', KEYS[2], string.format('%.0f', sum))
        return 0
        """;
}
