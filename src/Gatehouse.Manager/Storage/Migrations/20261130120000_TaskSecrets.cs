using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Gatehouse.Manager.Storage.Migrations
{
    /// <inheritdoc />
    internal sealed partial class TaskSecrets : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<byte[]>(
                name: "ProtectedSecrets",
                table: "tasks",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "ProtectedSecrets",
                table: "tasks");
        }
    }
}
