using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Gatehouse.Manager.Storage.Migrations
{
    /// <inheritdoc />
    internal sealed partial class Revocation : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "CrlGrace",
                table: "endpoints",
                nullable: false,
                defaultValue: 86400L);

            migrationBuilder.AddColumn<string>(
                name: "CrlPolicy",
                table: "endpoints",
                nullable: false,
                defaultValue: "Strict");

            migrationBuilder.CreateTable(
                name: "crls",
                columns: table => new
                {
                    Id = table.Column<string>(nullable: false),
                    AccountId = table.Column<string>(nullable: false),
                    Series = table.Column<string>(nullable: false),
                    Issuer = table.Column<string>(nullable: false),
                    Der = table.Column<byte[]>(nullable: false),
                    Sha256 = table.Column<string>(nullable: false),
                    Size = table.Column<int>(nullable: false),
                    ThisUpdate = table.Column<long>(nullable: false),
                    NextUpdate = table.Column<long>(nullable: true),
                    Number = table.Column<string>(nullable: true),
                    Count = table.Column<int>(nullable: false),
                    UploadedAt = table.Column<long>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_crls", x => x.Id);
                    table.ForeignKey(
                        name: "FK_crls_endpoints_AccountId",
                        column: x => x.AccountId,
                        principalTable: "endpoints",
                        principalColumn: "AccountId",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "denied_certificates",
                columns: table => new
                {
                    Id = table.Column<string>(nullable: false),
                    AccountId = table.Column<string>(nullable: false),
                    Kind = table.Column<string>(nullable: false),
                    Value = table.Column<string>(nullable: false),
                    IssuerName = table.Column<string>(nullable: false),
                    Issuer = table.Column<string>(nullable: true),
                    Note = table.Column<string>(nullable: true),
                    CreatedAt = table.Column<long>(nullable: false),
                    CreatedBy = table.Column<string>(nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_denied_certificates", x => x.Id);
                    table.ForeignKey(
                        name: "FK_denied_certificates_endpoints_AccountId",
                        column: x => x.AccountId,
                        principalTable: "endpoints",
                        principalColumn: "AccountId",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "IX_crls_AccountId_Series",
                table: "crls",
                columns: new[] { "AccountId", "Series" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_denied_certificates_AccountId_Kind_Value_IssuerName",
                table: "denied_certificates",
                columns: new[] { "AccountId", "Kind", "Value", "IssuerName" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "crls");

            migrationBuilder.DropTable(
                name: "denied_certificates");

            migrationBuilder.DropColumn(
                name: "CrlGrace",
                table: "endpoints");

            migrationBuilder.DropColumn(
                name: "CrlPolicy",
                table: "endpoints");
        }
    }
}
