using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Gatehouse.Manager.Storage.Migrations
{
    /// <inheritdoc />
    internal sealed partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "accounts",
                columns: table => new
                {
                    Id = table.Column<string>(nullable: false),
                    Name = table.Column<string>(nullable: false),
                    CreatedAt = table.Column<long>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_accounts", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "audit",
                columns: table => new
                {
                    Sequence = table.Column<long>(nullable: false),
                    At = table.Column<long>(nullable: false),
                    Actor = table.Column<string>(nullable: false),
                    Action = table.Column<string>(nullable: false),
                    AccountId = table.Column<string>(nullable: true),
                    Detail = table.Column<string>(nullable: false),
                    PreviousHash = table.Column<string>(nullable: false),
                    Hash = table.Column<string>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_audit", x => x.Sequence);
                });

            migrationBuilder.CreateTable(
                name: "counters",
                columns: table => new
                {
                    Name = table.Column<string>(nullable: false),
                    Value = table.Column<long>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_counters", x => x.Name);
                });

            migrationBuilder.CreateTable(
                name: "endpoint_tombstones",
                columns: table => new
                {
                    AccountId = table.Column<string>(nullable: false),
                    Generation = table.Column<long>(nullable: false),
                    DeletedAt = table.Column<long>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_endpoint_tombstones", x => x.AccountId);
                });

            migrationBuilder.CreateTable(
                name: "prefix_quarantines",
                columns: table => new
                {
                    DomainPrefix = table.Column<string>(nullable: false),
                    AccountId = table.Column<string>(nullable: false),
                    Until = table.Column<long>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_prefix_quarantines", x => x.DomainPrefix);
                });

            migrationBuilder.CreateTable(
                name: "delegates",
                columns: table => new
                {
                    Id = table.Column<string>(nullable: false),
                    AccountId = table.Column<string>(nullable: false),
                    Facts = table.Column<string>(nullable: false),
                    Origin = table.Column<string>(nullable: false),
                    TokenName = table.Column<string>(nullable: true),
                    Capacity = table.Column<int>(nullable: true),
                    RegisteredAt = table.Column<long>(nullable: false),
                    LastHeartbeat = table.Column<long>(nullable: false),
                    ClockSkew = table.Column<long>(nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_delegates", x => x.Id);
                    table.ForeignKey(
                        name: "FK_delegates_accounts_AccountId",
                        column: x => x.AccountId,
                        principalTable: "accounts",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "endpoints",
                columns: table => new
                {
                    AccountId = table.Column<string>(nullable: false),
                    Uuid = table.Column<string>(nullable: false),
                    DomainPrefix = table.Column<string>(nullable: false),
                    Fqdn = table.Column<string>(nullable: false),
                    VanityHost = table.Column<string>(nullable: true),
                    Mode = table.Column<string>(nullable: false),
                    CaCertificates = table.Column<string>(nullable: false),
                    Generation = table.Column<long>(nullable: false),
                    CreatedAt = table.Column<long>(nullable: false),
                    UpdatedAt = table.Column<long>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_endpoints", x => x.AccountId);
                    table.ForeignKey(
                        name: "FK_endpoints_accounts_AccountId",
                        column: x => x.AccountId,
                        principalTable: "accounts",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "flags",
                columns: table => new
                {
                    AccountId = table.Column<string>(nullable: false),
                    Name = table.Column<string>(nullable: false),
                    On = table.Column<bool>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_flags", x => new { x.AccountId, x.Name });
                    table.ForeignKey(
                        name: "FK_flags_accounts_AccountId",
                        column: x => x.AccountId,
                        principalTable: "accounts",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "tasks",
                columns: table => new
                {
                    Id = table.Column<string>(nullable: false),
                    AccountId = table.Column<string>(nullable: false),
                    Type = table.Column<string>(nullable: false),
                    State = table.Column<string>(nullable: false),
                    Selectors = table.Column<string>(nullable: false),
                    ProtectedData = table.Column<byte[]>(nullable: false),
                    ProtectedResult = table.Column<byte[]>(nullable: true),
                    Error = table.Column<string>(nullable: true),
                    DelegateId = table.Column<string>(nullable: true),
                    DelegateName = table.Column<string>(nullable: true),
                    InstanceId = table.Column<string>(nullable: true),
                    TriedBy = table.Column<string>(nullable: false),
                    RunnerResponse = table.Column<bool>(nullable: false),
                    Timeout = table.Column<long>(nullable: false),
                    CreatedAt = table.Column<long>(nullable: false),
                    StartedAt = table.Column<long>(nullable: true),
                    AbortRequestedAt = table.Column<long>(nullable: true),
                    FinishedAt = table.Column<long>(nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_tasks", x => x.Id);
                    table.ForeignKey(
                        name: "FK_tasks_accounts_AccountId",
                        column: x => x.AccountId,
                        principalTable: "accounts",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "tokens",
                columns: table => new
                {
                    AccountId = table.Column<string>(nullable: false),
                    Name = table.Column<string>(nullable: false),
                    ProtectedValue = table.Column<byte[]>(nullable: false),
                    CreatedAt = table.Column<long>(nullable: false),
                    RevokedAt = table.Column<long>(nullable: true),
                    RevokeAfter = table.Column<long>(nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_tokens", x => new { x.AccountId, x.Name });
                    table.ForeignKey(
                        name: "FK_tokens_accounts_AccountId",
                        column: x => x.AccountId,
                        principalTable: "accounts",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "IX_audit_AccountId_Sequence",
                table: "audit",
                columns: new[] { "AccountId", "Sequence" });

            migrationBuilder.CreateIndex(
                name: "IX_delegates_AccountId",
                table: "delegates",
                column: "AccountId");

            migrationBuilder.CreateIndex(
                name: "IX_endpoints_Fqdn",
                table: "endpoints",
                column: "Fqdn",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_endpoints_VanityHost",
                table: "endpoints",
                column: "VanityHost",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_tasks_AccountId_CreatedAt",
                table: "tasks",
                columns: new[] { "AccountId", "CreatedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_tasks_FinishedAt",
                table: "tasks",
                column: "FinishedAt");

            migrationBuilder.CreateIndex(
                name: "IX_tasks_State",
                table: "tasks",
                column: "State");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "audit");

            migrationBuilder.DropTable(
                name: "counters");

            migrationBuilder.DropTable(
                name: "delegates");

            migrationBuilder.DropTable(
                name: "endpoint_tombstones");

            migrationBuilder.DropTable(
                name: "endpoints");

            migrationBuilder.DropTable(
                name: "flags");

            migrationBuilder.DropTable(
                name: "prefix_quarantines");

            migrationBuilder.DropTable(
                name: "tasks");

            migrationBuilder.DropTable(
                name: "tokens");

            migrationBuilder.DropTable(
                name: "accounts");
        }
    }
}
